// SPDX-License-Identifier: GPL-2.0-or-later

/// Looks at the names of a script that has syntax errors, so that one run reports both. What the
/// parser has given up may assign, define or use anything that its words name: about these nothing
/// is said. Kinds are not looked at, as they depend on every assignment.
enum PartialAnalysis {
  static func report(_ script: Script, _ source: SourceText, to diagnostics: inout Diagnostics) {
    let uncertain = words(in: script.unparsed, source)
    let resolver = Resolver(source, diagnostics: Diagnostics())
    resolver.resolve(script)
    // Beside an error of syntax things may look wrong that are not.
    let linesWithErrors = Set(diagnostics.all.map { source.line(at: $0.range.start) })
    for found in resolver.diagnostics.all
    where found.severity == .error
      && !linesWithErrors.contains(source.line(at: found.range.start))
    {
      let isInside = script.unparsed.contains {
        $0.start <= found.range.start && found.range.start < $0.end
      }
      let isUncertain = words(in: [found.range], source).contains(where: uncertain.contains)
      if !isInside && !isUncertain { diagnostics.append(found) }
    }
  }

  /// The names in parts of the source, and keywords, comments and texts with them.
  private static func words(in ranges: [SourceRange], _ source: SourceText) -> Set<String> {
    var words: Set<String> = []
    for range in ranges {
      let bytes = source.bytes[range.start..<min(range.end, source.bytes.count)]
      for word in bytes.split(whereSeparator: { !isIdentifierPart($0) }) {
        words.insert(String(decoding: word, as: UTF8.self))
      }
    }
    return words
  }
}
