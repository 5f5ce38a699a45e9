// SPDX-License-Identifier: GPL-2.0-or-later

extension ScriptFormatter {
  /// `trace EVENT, … [/filter/] handler`
  mutating func trace(_ declaration: TraceDeclaration) -> Document {
    let keyword = take()
    var parts: [Document] = []
    var filter: Document?
    loop: while true {
      switch next.kind {
      case .event, .token(.string): parts.append(take())
      case .fetchArgument, .token(.punctuator(.comma)):
        let last = parts.removeLast()
        parts.append(.sequence(last, at(.comma) ? .empty : .space, take()))
      case .filter: filter = takeFilter()
      default: break loop
      }
    }
    if let filter { parts.append(filter) }
    return .sequence(
      keyword, .space, .indent(Self.continuationIndent, .group(.join(parts, .line))), .space,
      handler(declaration.handler))
  }

  /// `tick-1s handler`, or `trace tick-1s handler`.
  mutating func timer(_ timer: TimerDeclaration) -> Document {
    let keyword = at(.trace) ? Document.sequence(take(), .space) : .empty
    let event = take()
    return .sequence(keyword, event, .space, handler(timer.handler))
  }

  mutating func handler(_ handler: Handler) -> Document {
    switch handler {
    case .name: return take()
    case .block(let block): return .group(self.block(block))
    case .function(let function): return self.function(function)
    }
  }

  /// A filter with one space round its operators. Its strings and names stay as they are.
  private mutating func takeFilter() -> Document {
    let bytes = Array(text(next).dropFirst().dropLast())
    var parts: [Document] = [.text("/")]
    var at = 0
    var needsSpace = false
    while at < bytes.count {
      let start = at
      let first = bytes[at]
      at += 1
      switch first {
      case _ where isSpace(first): continue
      case UInt8(ascii: "\""), UInt8(ascii: "'"):
        while at < bytes.count && bytes[at] != first {
          at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1
        }
        at += 1
      case UInt8(ascii: "("), UInt8(ascii: ")"): break
      case _ where isFilterWord(first):
        while at < bytes.count && isFilterWord(bytes[at]) { at += 1 }
      default:
        while at < bytes.count && "=&|".utf8.contains(bytes[at]) { at += 1 }
      }
      let word = bytes[start..<min(at, bytes.count)]
      let joins = word.elementsEqual("&&".utf8) || word.elementsEqual("||".utf8)
      if needsSpace && !word.elementsEqual(")".utf8) { parts.append(.space) }
      parts.append(.text(word))
      if joins { parts.append(.line) }
      needsSpace = !joins && !word.elementsEqual("!".utf8) && !word.elementsEqual("(".utf8)
    }
    parts.append(.text("/"))
    return take(as: .group(.sequence(parts)))
  }

  private func isFilterWord(_ byte: UInt8) -> Bool {
    isIdentifierPart(byte) || byte >= 0x80 || "*?.-+:@$%[]^".utf8.contains(byte)
  }
}
