// SPDX-License-Identifier: GPL-2.0-or-later
import CVM
import Events

/// A field that a program reads, by the name in its bundle.
struct FieldReference {
  let name: String
  /// Kinds that the script can use.
  let mask: UInt16
  /// It is only printed.
  let isShown: Bool

  init(_ info: ktap_field_info) {
    name = text(info.name)
    mask = info.mask
    isShown = info.shown
  }

  /// N of "#N".
  var position: Int? { FieldReference.position(name) }

  private static func position(_ name: some StringProtocol) -> Int? {
    name.hasPrefix("#") ? Int(name.dropFirst()) : nil
  }

  /// Of "name[N]", an element of an array: the array by name or by position, and N; of "name[]" nil,
  /// as the script computes it.
  var element: (base: String, position: Int?, index: Int?)? {
    guard let bracket = name.firstIndex(of: "["), name.hasSuffix("]") else { return nil }
    let number = name[name.index(after: bracket)...].dropLast()
    let index = Int(number)
    guard index != nil || number.isEmpty else { return nil }
    let base = name[..<bracket]
    return (String(base), FieldReference.position(base), index)
  }
}

/// How a field of one type of event is read: what kernel/events_fields.c and
/// kernel/events_syscall_fields.c make of a name on a board.
enum FieldAccess: Equatable, Sendable {
  /// The event has no such field.
  case missing
  /// The id of the thread.
  case thread
  case callNumber
  case isEnter
  case result
  /// An argument register as it is, from 0.
  case register(Int)
  /// An argument by its type, from 0.
  case argument(Int)
  /// The text that an argument points to.
  case argumentText(Int)
  /// The number of the event's own fields.
  case count(Int)
  /// A number in the raw entry.
  case integer(offset: Int, size: Int, isSigned: Bool)
  /// Another access to an integer, which is printed in hex or without sign.
  indirect case shown(FieldAccess, isHex: Bool)
  /// One of several numbers in the raw entry, by an index that the script computes.
  case element(offset: Int, size: Int, isSigned: Bool, count: Int)
  /// One of the argument registers as it is, likewise.
  case anyRegister
  /// Bytes in the raw entry up to the first NUL.
  case characters(offset: Int, size: Int)
  /// The text that belongs to the field with this index.
  case text(Int)

  /// The field exists, but not as the script wants it.
  struct Mismatch: Error {
    let sentence: String
  }

  private static let systemCallNames: [(String, FieldAccess)] =
    [
      ("common_pid", .thread), ("retval", .result), ("sc_nr", .callNumber),
      ("sc_is_enter", .isEnter),
    ] + (0..<6).map { ("sc_arg\($0 + 1)", .register($0)) }

  /// The names of what can be read of an event, for suggestions.
  static func names(of type: EventType) -> [String] {
    if type.isFunction {
      return ["common_pid", "retval", "$retval"] + (1...6).map { "$arg\($0)" }
    }
    guard type.isSystemCall else { return ["common_pid"] + type.fields.map(\.name) }
    return systemCallNames.map(\.0) + (type.hasNamedArguments ? type.arguments.map(\.name) : [])
  }

  /// nil: the event has no such field.
  init?(_ field: FieldReference, of type: EventType) throws(Mismatch) {
    let found: (access: FieldAccess, isText: Bool)?
    if type.isSystemCall {
      found = try FieldAccess.find(field, inSystemCall: type)
    } else if type.isFunction {
      found = try FieldAccess.find(field, inFunction: type).map { ($0, false) }
    } else {
      found = try FieldAccess.find(field, inTracepoint: type)
    }
    guard let found else { return nil }
    let kind = found.isText ? KTAP_MASK_STR : KTAP_MASK_INT
    guard field.mask & UInt16(kind.rawValue) != 0 else {
      let isCommon = FieldAccess.systemCallNames.contains { $0.0 == field.name }
      let event = type.isSystemCall && isCommon ? "syscalls:*" : type.fullName
      throw Mismatch(
        sentence: "field '\(field.name)' of '\(event)' is "
          + (found.isText
            ? "a string, but the script uses it as an integer"
            : "an integer, but the script uses it as a string"))
    }
    self = found.access
  }

  private static func find(
    _ field: FieldReference, inTracepoint type: EventType
  ) throws(Mismatch) -> (FieldAccess, isText: Bool)? {
    if field.name == "common_pid" { return (.thread, false) }
    let element = field.element
    let name = element?.base ?? field.name
    let found =
      (element == nil ? field.position : element?.position)
      ?? type.fields.firstIndex { $0.name == name }
    guard let index = found, type.fields.indices.contains(index) else {
      return field.name == "fieldnum" ? (.count(type.fields.count), false) : nil
    }
    let own = type.fields[index]
    if let element { return (try self.element(element.index, of: own, type), false) }
    if own.has(KTAP_FIELD_STRING) { return (.text(index), true) }
    if own.has(KTAP_FIELD_CHARS) {
      return (.characters(offset: own.offset, size: own.size), true)
    }
    guard !own.isArray else {
      throw Mismatch(
        sentence:
          "field '\(own.name)' of '\(type.fullName)' is an array; a script reads its elements")
    }
    let access = FieldAccess.integer(
      offset: own.offset, size: own.size, isSigned: own.has(KTAP_FIELD_SIGNED))
    return (shown(access, own, field), false)
  }

  /// How an integer is read that may only be printed.
  private static func shown(
    _ access: FieldAccess, _ own: EventField, _ field: FieldReference
  ) -> FieldAccess {
    let isHex = own.has(KTAP_FIELD_HEX)
    guard field.isShown, !own.has(KTAP_FIELD_SIGNED), isHex || own.size == 8 else { return access }
    return .shown(access, isHex: isHex)
  }

  private static func element(
    _ index: Int?, of array: EventField, _ type: EventType
  ) throws(Mismatch) -> FieldAccess {
    guard array.has(KTAP_FIELD_ARRAY), [1, 2, 4, 8].contains(array.element) else {
      throw Mismatch(
        sentence: "field '\(array.name)' of '\(type.fullName)' is no array of integers")
    }
    let count = array.size / array.element
    let isSigned = array.has(KTAP_FIELD_SIGNED)
    guard let index else {
      return .element(
        offset: array.offset, size: array.element, isSigned: isSigned, count: count)
    }
    guard index >= 0, index < count else {
      throw Mismatch(
        sentence: "field '\(array.name)' of '\(type.fullName)' has "
          + "\(count) elements, from 0 on")
    }
    return .integer(
      offset: array.offset + index * array.element, size: array.element, isSigned: isSigned)
  }

  private static func find(
    _ field: FieldReference, inSystemCall type: EventType
  ) throws(Mismatch) -> (FieldAccess, isText: Bool)? {
    if let common = systemCallNames.first(where: { $0.0 == field.name }) {
      return (common.1, false)
    }
    if field.name == "fieldnum" { return (.count(ownCount(type)), false) }
    let position = field.position
    switch type.style {
    case .rawEnter, .rawExit:
      if let element = field.element {
        guard type.style == .rawEnter, element.position == 1 || element.base == "args" else {
          return nil
        }
        guard let index = element.index else { return (.anyRegister, false) }
        guard (0..<6).contains(index) else {
          throw Mismatch(
            sentence: "field 'args' of 'raw_syscalls:sys_enter' has 6 elements, from 0 on")
        }
        return (.register(index), false)
      }
      if position == 0 || field.name == "id" { return (.callNumber, false) }
      if type.style == .rawExit {
        return position == 1 || field.name == "ret" ? (.result, false) : nil
      }
      guard position == 1 || field.name == "args" else { return nil }
      throw Mismatch(
        sentence: "field '\(field.name)' of 'raw_syscalls:sys_enter' is an array; "
          + "a script reads its elements")
    case .systemCallExit where position == 0 || field.name == "ret": return (.result, false)
    case .systemCallExit where position != nil: return nil
    default: return argument(field, position, of: type)
    }
  }

  private static func find(
    _ field: FieldReference, inFunction type: EventType
  ) throws(Mismatch) -> FieldAccess? {
    if field.name == "common_pid" { return .thread }
    if field.name == "fieldnum" { return .count(0) }
    if field.name == "retval" || field.name == "$retval" {
      return type.style == .functionReturn ? .result : nil
    }
    let number = field.position.map { $0 + 1 } ?? Int(field.name.dropFirst(4))
    guard let number, field.position != nil || field.name.hasPrefix("$arg") else {
      if let first = field.name.first, "$%@".contains(first) {
        throw Mismatch(sentence: "'\(field.name)' of '\(type.fullName)' was not recorded")
      }
      return nil
    }
    guard (1...6).contains(number) else {
      throw Mismatch(sentence: "'$arg\(number)' of '\(type.fullName)' was not recorded")
    }
    return .register(number - 1)
  }

  /// The fields of a system call that fieldnum counts: at an exit not the arguments.
  private static func ownCount(_ type: EventType) -> Int {
    switch type.style {
    case .systemCallEnter: type.hasNamedArguments ? type.arguments.count : 6
    case .systemCallExit: 1
    default: 2
    }
  }

  private static func argument(
    _ field: FieldReference, _ position: Int?, of type: EventType
  ) -> (FieldAccess, isText: Bool)? {
    guard type.hasNamedArguments else {
      guard let position, (0..<6).contains(position) else { return nil }
      return (.argument(position), false)
    }
    let arguments = Array(type.arguments)
    guard let index = position ?? arguments.firstIndex(where: { $0.name == field.name }),
      arguments.indices.contains(index)
    else { return nil }
    return arguments[index].has(KTAP_FIELD_STRING)
      ? (.argumentText(index), true) : (shown(.argument(index), arguments[index], field), false)
  }
}

/// A text of C with its length.
func text(_ text: ktap_text) -> String {
  guard let bytes = text.bytes else { return "" }
  return String(
    decoding: UnsafeRawBufferPointer(start: bytes, count: Int(text.length)), as: UTF8.self)
}
