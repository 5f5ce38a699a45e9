// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

/// A fetch argument of a function's probe, `NAME=SOURCE:TYPE` as the kernel's own probe events have it. Only
/// registers, arguments, words of the stack and addresses of symbols come from the board; the rest is code.
struct FetchedValue {
  /// Where a value comes from.
  indirect enum Source {
    /// A field of the event that the board knows: `$arg1`, `%di`, `@jiffies`.
    case field(String)
    case constant(Int64)
    /// `$comm`
    case taskName
    /// What stands at an address: `+8($arg1)`, `+u0($arg2)` in the process's memory.
    case memory(Source, offset: Int64, isUser: Bool)
  }

  /// How the value is read and shown.
  enum Form: Equatable {
    /// 0 bytes: a word of the board.
    case integer(bytes: Int64, isSigned: Bool, isHex: Bool)
    case string(isUser: Bool)
  }

  /// What is wrong with an argument.
  struct Refusal: Error {
    let message: String
  }

  let name: String
  let source: Source
  let form: Form

  /// The argument with the given number, from 1.
  init(_ text: String, number: Int) throws(Refusal) {
    var rest = Substring(text)
    if let equals = rest.firstIndex(of: "="), let first = rest.utf8.first, isIdentifierStart(first)
    {
      name = String(rest[..<equals])
      rest = rest[rest.index(after: equals)...]
    } else {
      name = "arg\(number)"
    }
    var form = Form.integer(bytes: 0, isSigned: false, isHex: true)
    if let colon = rest.lastIndex(of: ":") {
      guard let known = Self.form(String(rest[rest.index(after: colon)...])) else {
        throw Refusal(
          message: "unknown type '\(rest[colon...])'; there are :u8 .. :u64, :s8 .. :s64, "
            + ":x8 .. :x64, :string and :ustring")
      }
      form = known
      rest = rest[..<colon]
    }
    self.form = form
    source = try Self.source(rest)
  }

  private static func form(_ type: String) -> Form? {
    switch type {
    case "string": return .string(isUser: false)
    case "ustring": return .string(isUser: true)
    case "char": return .integer(bytes: 1, isSigned: true, isHex: false)
    default:
      guard let bits = Int64(type.dropFirst()), [8, 16, 32, 64].contains(bits),
        let letter = type.first, "usx".contains(letter)
      else { return nil }
      return .integer(bytes: bits / 8, isSigned: letter == "s", isHex: letter == "x")
    }
  }

  private static func source(_ text: Substring) throws(Refusal) -> Source {
    switch text.first {
    case "$": return try variable(text)
    case "%" where text.count > 1 && text.dropFirst().utf8.allSatisfy(isIdentifierPart):
      return .field(text.lowercased())
    case "@":
      guard isPlace(text.dropFirst()) else { break }
      return .memory(.field(String(text)), offset: 0, isUser: false)
    case "\\":
      guard let value = number(text.dropFirst()) else { break }
      return .constant(value)
    case "+", "-": return try memory(text)
    default: break
    }
    throw Refusal(
      message: "'\(text)' fetches nothing; there are $arg1, $retval, $stack0, $stack, $comm, "
        + "%register, @symbol and +offset(…)")
  }

  private static func variable(_ text: Substring) throws(Refusal) -> Source {
    let word = text.dropFirst()
    if word == "comm" { return .taskName }
    if word == "retval" || word == "stack" { return .field(String(text)) }
    for (prefix, range) in [("arg", 1...10), ("stack", 0...1023)] where word.hasPrefix(prefix) {
      guard let number = Int(word.dropFirst(prefix.count)) else { continue }
      guard range.contains(number) else {
        throw Refusal(
          message:
            "'\(text)' does not exist: they go from $\(prefix)\(range.lowerBound) to "
            + "$\(prefix)\(range.upperBound)")
      }
      return .field("$\(prefix)\(number)")
    }
    let better = suggestion(for: String(word), among: ["arg1", "retval", "stack", "comm"])
    throw Refusal(
      message: "unknown variable '\(text)'" + (better.map { ", did you mean '$\($0)'?" } ?? ""))
  }

  /// `+8(…)`, `-u4(…)`
  private static func memory(_ text: Substring) throws(Refusal) -> Source {
    guard let open = text.firstIndex(of: "("), text.last == ")" else {
      throw Refusal(message: "'\(text)' lacks the parentheses: write \(text)($arg1)")
    }
    var offset = text[text.index(after: text.startIndex)..<open]
    let isUser = offset.first == "u"
    if isUser { offset = offset.dropFirst() }
    guard let distance = offset.isEmpty ? 0 : number(offset) else {
      throw Refusal(message: "'\(offset)' is no offset")
    }
    let inner = text[text.index(after: open)..<text.index(before: text.endIndex)]
    return .memory(
      try source(inner), offset: text.first == "-" ? 0 &- distance : distance, isUser: isUser)
  }

  /// `jiffies`, `jiffies+4`, `0xffffffff81000000`
  private static func isPlace(_ text: Substring) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { isIdentifierPart($0) || ".+-".utf8.contains($0) }
  }

  private static func number(_ text: Substring) -> Int64? {
    if text.hasPrefix("-") { return number(text.dropFirst()).map { 0 &- $0 } }
    let value = text.hasPrefix("0x") ? UInt64(text.dropFirst(2), radix: 16) : UInt64(text)
    return value.map { Int64(bitPattern: $0) }
  }

  // MARK: - Code

  /// The code that reads it of an event.
  func expression(_ event: Expr, _ range: SourceRange) -> Expr {
    func node(_ op: Expr.Op) -> Expr { Expr(op, range) }
    switch form {
    case .string(let isUser):
      if case .taskName = source { return Self.read(source, event, range) }
      // What the innermost `+offset(…)` makes is the address of the text.
      var address = source
      var isUser = isUser
      var distance: Int64 = 0
      if case .memory(let inner, let offset, let fromUser) = source {
        (address, distance, isUser) = (inner, offset, isUser || fromUser)
      }
      let at = Self.sum(Self.read(address, event, range), distance, range)
      let function = LibraryFunction(isUser ? KTAP_LIB_USER_STRING : KTAP_LIB_KERNEL_STRING)
      return node(.or(node(.library(function, [at])), node(.string(Text("")))))
    case .integer(let bytes, let isSigned, _):
      if case .memory(let inner, let offset, let isUser) = source {
        return Self.memory(
          Self.sum(Self.read(inner, event, range), offset, range), isSigned ? 0 &- bytes : bytes,
          isUser: isUser, range)
      }
      let value = Self.read(source, event, range)
      guard bytes > 0, bytes < 8 else { return value }
      let unused = node(.integer(64 - 8 * bytes))
      if isSigned {
        return node(
          .arithmetic(.shiftRight, node(.arithmetic(.shiftLeft, value, unused)), unused))
      }
      return node(.arithmetic(.and, value, node(.integer(1 << (8 * bytes) - 1))))
    }
  }

  private static func sum(_ value: Expr, _ distance: Int64, _ range: SourceRange) -> Expr {
    distance == 0
      ? value : Expr(.arithmetic(.add, value, Expr(.integer(distance), range)), range)
  }

  private static func memory(
    _ address: Expr, _ bytes: Int64, isUser: Bool, _ range: SourceRange
  ) -> Expr {
    let function = LibraryFunction(isUser ? KTAP_LIB_USER_INT : KTAP_LIB_KERNEL_INT)
    let read = Expr(.library(function, [address, Expr(.integer(bytes), range)]), range)
    return Expr(.or(read, Expr(.integer(0), range)), range)
  }

  private static func read(_ source: Source, _ event: Expr, _ range: SourceRange) -> Expr {
    switch source {
    case .field(let name):
      let field = Expr(.field(event, name), range)
      field.demand = .integer
      return field
    case .constant(let value): return Expr(.integer(value), range)
    case .taskName: return Expr(.library(LibraryFunction(KTAP_LIB_EXECNAME), []), range)
    case .memory(let inner, let offset, let isUser):
      return memory(sum(read(inner, event, range), offset, range), 0, isUser: isUser, range)
    }
  }
}

/// The fetch arguments of a handler's event.
struct FetchedValues {
  let values: [FetchedValue]
  /// The name of the function, if it is one.
  var function: String?
  let isReturn: Bool

  subscript(_ name: String) -> FetchedValue? { values.last { $0.name == name } }

  /// What `print(e)` shows: `NAME(a: 1, b: 0x2)`, of a return `NAME(a: 1) -> 0xRET`.
  func text(_ event: Expr, _ range: SourceRange) -> Expr {
    func string(_ text: String) -> Expr { Expr(.string(Text(text)), range) }
    func hex(_ value: Expr) -> Expr {
      Expr(.library(LibraryFunction(KTAP_LIB_HEX), [value]), range)
    }
    func field(_ name: String, _ kind: KindMask) -> Expr {
      let field = Expr(.field(event, name), range)
      field.demand = kind
      return field
    }
    var pieces = function.map { [string($0 + "(")] } ?? [field("ip", .string), string("(")]
    for (index, value) in values.enumerated() {
      pieces.append(string((index > 0 ? ", " : "") + value.name + ": "))
      let read = value.expression(event, range)
      switch value.form {
      case .integer(_, _, isHex: true): pieces.append(hex(read))
      case .integer: pieces.append(read)
      case .string: pieces += [string("\""), read, string("\"")]
      }
    }
    pieces.append(string(isReturn ? ") -> " : ")"))
    if isReturn { pieces.append(hex(field("$retval", .integer))) }
    return pieces.dropFirst().reduce(pieces[0]) { Expr(.concatenate($0, $1), range) }
  }
}
