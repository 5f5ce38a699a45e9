// SPDX-License-Identifier: GPL-2.0-or-later

/// Prints a document with lines of 100 columns at most where its line breaks allow that.
struct DocumentPrinter {
  private enum Mode {
    case flat, broken
    /// Only when measuring: the groups that need not be broken are not.
    case head
  }

  private struct Task {
    let indent: Int
    let mode: Mode
    let document: Document
  }

  private static let width = 100

  private var out: [UInt8] = []
  private var column = 0
  private var tasks: [Task] = []
  /// The white space that the next text of a new line begins with; nil within a line.
  private var lineIndent: Int? = 0
  /// A comment has been printed: what comes next begins a line.
  private var mustEndLine = false
  /// What that line is indented by when it depends on the comment.
  private var nextIndent: Int?

  /// The text of a document; ends with a line feed unless it is empty.
  static func print(_ document: Document) -> [UInt8] {
    var printer = DocumentPrinter()
    printer.run(document)
    if printer.lineIndent == nil {
      printer.out.append(UInt8(ascii: "\n"))
    }
    return printer.out
  }

  private mutating func run(_ document: Document) {
    tasks = [Task(indent: 0, mode: .broken, document: document)]
    while let task = tasks.popLast() {
      let indent = task.indent
      func push(_ document: Document, _ mode: Mode, _ indent: Int) {
        tasks.append(Task(indent: indent, mode: mode, document: document))
      }
      switch task.document.node {
      case .empty: break
      case .text(let text):
        // A space separates only what stands on one line.
        if text == [UInt8(ascii: " ")] && (mustEndLine || lineIndent != nil) { break }
        write(text, indent)
      case .line(let isSpace):
        if task.mode == .broken {
          endLine(indent)
        } else if isSpace && lineIndent == nil && !mustEndLine {
          write([UInt8(ascii: " ")], indent)
        }
      case .hardLine: endLine(indent)
      case .blankLine:
        if lineIndent == nil { endLine(indent) }
        endLine(indent)
      case .comment(let text, let place): write(comment: text, place, indent)
      case .sequence(let parts):
        for part in parts.reversed() { push(part, task.mode, indent) }
      case .indent(let columns, let inner): push(inner, task.mode, indent + columns)
      case .group(let inner):
        let isFlat = task.mode == .flat || (!inner.breaks && fits(inner, .flat, indent))
        push(inner, isFlat ? .flat : .broken, indent)
      case .alternatives(let documents):
        if task.mode == .flat || (!documents[0].breaks && fits(documents[0], .flat, indent)) {
          push(documents[0], .flat, indent)
          break
        }
        let last = documents.count - 1
        let choice = (1..<last).first { fits(documents[$0], .head, indent) } ?? last
        push(documents[choice], .broken, indent)
      }
    }
  }

  // MARK: - Output

  private mutating func endLine(_ indent: Int) {
    while out.last == UInt8(ascii: " ") { out.removeLast() }
    out.append(UInt8(ascii: "\n"))
    column = 0
    lineIndent = indent
    mustEndLine = false
    nextIndent = nil
  }

  private mutating func write(_ text: [UInt8], _ indent: Int) {
    if mustEndLine { endLine(nextIndent ?? indent) }
    if let spaces = lineIndent {
      out += [UInt8](repeating: UInt8(ascii: " "), count: spaces)
      column = spaces
      lineIndent = nil
    }
    out += text
    if let end = text.lastIndex(of: UInt8(ascii: "\n")) {
      column = Self.columns(text[(end + 1)...])
    } else {
      column += Self.columns(text[...])
    }
  }

  private mutating func write(
    comment text: [UInt8], _ place: Document.CommentPlace, _ indent: Int
  ) {
    if place == .ownLine && lineIndent == nil { endLine(indent) }
    if place == .lineEnd && lineIndent == nil && !mustEndLine {
      let isBlock = text.starts(with: "/*".utf8) || out.suffix(2).elementsEqual("*/".utf8)
      write(Array((isBlock ? " " : "  ").utf8), indent)
    }
    var lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if mustEndLine { endLine(indent) }
    let start = lineIndent ?? column
    write(Array(lines.removeFirst()), indent)
    // Lines that begin with a star stand below the first one's; others stay where they were.
    let isStarred = lines.allSatisfy { $0.first { !Self.isBlank($0) } == UInt8(ascii: "*") }
    for line in lines {
      out.append(UInt8(ascii: "\n"))
      if isStarred {
        out +=
          [UInt8](repeating: UInt8(ascii: " "), count: start + 1) + line.drop(while: Self.isBlank)
      } else {
        out += line
      }
      column = Self.columns(out[((out.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1)...])
    }
    mustEndLine = place != .inline
    nextIndent = place == .ownLine ? indent : nil
  }

  // MARK: - Measuring

  /// Whether a document, and what stands behind it up to the next possible line end, fits into the
  /// rest of the line.
  private func fits(_ document: Document, _ mode: Mode, _ indent: Int) -> Bool {
    if mustEndLine { return Self.width > indent }
    var left = Self.width - (lineIndent ?? column)
    var pending = [Task(indent: indent, mode: mode, document: document)]
    var rest = tasks.count
    while left >= 0 {
      let task: Task
      if let next = pending.popLast() {
        task = next
      } else {
        if rest == 0 { return true }
        rest -= 1
        task = tasks[rest]
      }
      switch task.document.node {
      case .empty: break
      case .text(let text):
        if let end = text.firstIndex(of: UInt8(ascii: "\n")) {
          return Self.columns(text[..<end]) <= left
        }
        left -= Self.columns(text[...])
      case .line(let isSpace):
        if task.mode != .flat { return true }
        if isSpace { left -= 1 }
      case .comment(let text, .inline):
        if text.contains(UInt8(ascii: "\n")) { return true }
        left -= Self.columns(text[...])
      case .hardLine, .blankLine, .comment: return true
      case .sequence(let parts):
        for part in parts.reversed() {
          pending.append(Task(indent: task.indent, mode: task.mode, document: part))
        }
      case .group(let inner) where task.mode == .head && !inner.breaks:
        pending.append(Task(indent: task.indent, mode: .flat, document: inner))
      case .indent(_, let inner), .group(let inner):
        pending.append(Task(indent: task.indent, mode: task.mode, document: inner))
      case .alternatives(let documents):
        let choice = task.mode == .flat ? documents[0] : documents[documents.count - 1]
        pending.append(Task(indent: task.indent, mode: task.mode, document: choice))
      }
    }
    return false
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
  }

  private static func columns(_ text: ArraySlice<UInt8>) -> Int {
    text.reduce(0) { $1 & 0xc0 == 0x80 ? $0 : $0 + 1 }
  }
}
