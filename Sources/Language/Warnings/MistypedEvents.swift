// SPDX-License-Identifier: GPL-2.0-or-later

/// Warns of names of events and of their fields that look like mistyped ones of those that the
/// language itself knows. Only the board knows all of them, so that these are no errors.
struct MistypedEvents {
  /// The words before the colon that mean something to the language.
  private static let systems = [
    "syscalls", "raw_syscalls", "ftrace", "probe", "kprobe", "kretprobe", "uprobe", "uretprobe",
    "usdt", "sdt", "perf", "hardware", "software",
  ]

  /// The members that events have besides the fields of their formats. Short names are left out:
  /// too many others are near.
  private static let members =
    ["retval", "sc_nr", "sc_is_enter", "tostring", "set_retval", "fieldnum", "regstr"]
    + (1...6).map { "sc_arg\($0)" }

  /// How often a letter may be wrong: once, as real fields have similar names.
  private static let distance = 1

  private var diagnostics = Diagnostics()
  /// What the event is called where the walk is.
  private var event: String?

  static func report(_ script: Script, to diagnostics: inout Diagnostics) {
    var check = MistypedEvents()
    // Functions that take the event by a name of their own.
    var handlers: Set<String> = []
    for statement in script.statements {
      if case .trace(let declaration) = statement.kind {
        check.check(declaration)
        if case .name(let name) = declaration.handler { handlers.insert(name.text) }
      }
    }
    for statement in script.statements {
      if case .function(let name, let function, isLocal: false) = statement.kind,
        handlers.contains(name.text)
      {
        check.event = function.parameters.first?.text
      }
      check.walk(statement)
      check.event = nil
    }
    for found in check.diagnostics.all { diagnostics.append(found) }
  }

  private func near(_ name: String, _ known: [String]) -> String? {
    if known.contains(name) { return nil }
    return known.first { editDistance(Array($0.utf8), Array(name.utf8)) <= Self.distance }
  }

  // MARK: - Events

  private mutating func check(_ declaration: TraceDeclaration) {
    for event in declaration.specifications {
      let parts = event.text.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2, event.range.end - event.range.start == event.text.utf8.count else {
        continue
      }
      let system = String(parts[0])
      let start = event.range.start
      if let better = near(system, Self.systems) {
        let range = SourceRange(start, start + system.utf8.count)
        diagnostics.warning(
          "unknown kind of event '\(system)', did you mean '\(better)'?", at: range,
          fixIt: Diagnostic.FixIt(replace: range, with: better))
      } else if system == "syscalls" {
        checkSystemCall(String(parts[1]), at: SourceRange(start + 9, event.range.end))
      }
    }
  }

  private mutating func checkSystemCall(_ name: String, at range: SourceRange) {
    let forms = ["sys_enter_", "sys_exit_"]
    let isGlob = name.contains("*") || name.contains("?")
    if isGlob || forms.contains(where: name.hasPrefix) { return }
    let words = name.split(separator: "_", maxSplits: 2, omittingEmptySubsequences: false)
    let form = words.prefix(2).joined(separator: "_") + "_"
    if words.count == 3, let better = suggestion(for: form, among: forms) {
      let wrong = SourceRange(range.start, range.start + form.utf8.count)
      diagnostics.warning(
        "no event of system calls begins with '\(form)', did you mean '\(better)'?", at: wrong,
        fixIt: Diagnostic.FixIt(replace: wrong, with: better))
    } else {
      diagnostics.warning(
        "system calls have the events sys_enter_NAME and sys_exit_NAME, not '\(name)'", at: range)
    }
  }

  // MARK: - Fields

  private mutating func walk(_ statement: Statement) {
    let outer = event
    defer { event = outer }
    if case .trace(let declaration) = statement.kind,
      case .function(let function) = declaration.handler
    {
      event = function.parameters.first?.text
    }
    statement.expressions.forEach { walk($0) }
    for block in statement.blocks {
      block.statements.forEach { walk($0) }
    }
  }

  private mutating func walk(_ expression: Expression) {
    if case .field(let base, let name) = expression.kind, case .name(let owner) = base.kind,
      owner == event || owner == "args", let better = near(name.text, Self.members)
    {
      diagnostics.warning(
        "'\(name.text)' is no built-in member of events, did you mean '\(better)'?", at: name.range,
        fixIt: Diagnostic.FixIt(replace: name.range, with: better))
    }
    expression.children.forEach { walk($0) }
    if case .function(let function) = expression.kind {
      function.body.statements.forEach { walk($0) }
    }
  }
}
