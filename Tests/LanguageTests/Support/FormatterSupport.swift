// SPDX-License-Identifier: GPL-2.0-or-later
import Language
import Testing

/// The canonical form of a script that must be without errors.
func formattedText(_ text: String) throws -> String {
  let source = SourceText(name: "test.kp", text: text)
  let result = format(source)
  #expect(DiagnosticRenderer(source: source).render(result.diagnostics) == "")
  return String(decoding: try #require(result.bytes), as: UTF8.self)
}

/// The right text comes from the left one, and from itself.
func expectFormat(
  _ text: String, gives expected: String,
  sourceLocation: Testing.SourceLocation = #_sourceLocation
) throws {
  #expect(try formattedText(text) == expected, sourceLocation: sourceLocation)
  #expect(try formattedText(expected) == expected, sourceLocation: sourceLocation)
}
