// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap
import CTraceCmd
import Events

/// How the events of one kind lie in a trace, and what type they are for scripts.
struct TraceLayout {
  let type: EventType
  /// Index of the type in the recording.
  let index: Int
  /// Bytes of an entry without what has a variable length.
  let size: Int
  /// Texts of variable length, by the index of their field.
  let texts: [(Int, TraceText)]
  /// Of system calls.
  var number = TracePlace()
  var result = TracePlace()
  var registers: [TracePlace] = []
  var arguments: [ArgumentType] = []

  /// nil: this is none of the events that a script can trace.
  init?(_ event: tep_event, longSize: Int, index: Int, _ tep: OpaquePointer) {
    guard event.flags & Int32(TEP_EVENT_FL_ISFTRACE) == 0 else { return nil }
    let system = String(cString: event.system)
    let name = String(cString: event.name)
    let fields = TraceField.all(of: event.format.fields)
    self.index = index
    size = fields.map { $0.offset + $0.size }.max() ?? 0
    switch system {
    case "syscalls" where name.hasPrefix("sys_enter_"):
      let call = Call(fields, longSize: longSize)
      type = EventType(
        style: .systemCallEnter, system: system, name: String(name.dropFirst(10)),
        fields: call.fields)
      texts = []
      number = call.number
      registers = call.registers
      arguments = call.arguments
    case "syscalls" where name.hasPrefix("sys_exit_"):
      let name = String(name.dropFirst(9))
      let entry = tep_find_event_by_name(tep, system, "sys_enter_" + name)
      let call = Call(
        TraceField.all(of: entry?.pointee.format.fields), longSize: longSize)
      type = EventType(
        style: .systemCallExit, system: system, name: name,
        fields: [
          EventField(
            name: "ret", offset: 0, size: 8, element: 8,
            flags: KTAP_FIELD_SIGNED.rawValue | KTAP_FIELD_HEX.rawValue)
        ] + call.fields)
      texts = []
      number = fields.first?.place(isSigned: true) ?? TracePlace()
      result = fields.last?.place(isSigned: true) ?? TracePlace()
    case "raw_syscalls" where name == "sys_enter" && fields.count == 2:
      type = EventType(style: .rawEnter, system: system, name: name, fields: TraceLayout.rawEnter)
      texts = []
      number = fields[0].place(isSigned: true)
      registers = (0..<6).map {
        TracePlace(offset: fields[1].offset + $0 * longSize, size: longSize)
      }
    case "raw_syscalls" where name == "sys_exit" && fields.count == 2:
      type = EventType(style: .rawExit, system: system, name: name, fields: TraceLayout.rawExit)
      texts = []
      number = fields[0].place(isSigned: true)
      result = fields[1].place(isSigned: true)
    default:
      let addresses = TraceField.printedAsAddresses(event.print_fmt)
      let isBigEndian = tep_is_file_bigendian(tep)
      type = EventType(
        style: .tracepoint, system: system, name: name,
        fields: fields.map {
          $0.eventField(
            isAddress: $0.size == longSize && addresses.contains($0.name), isBigEndian: isBigEndian)
        })
      texts = fields.enumerated().compactMap { index, field in
        field.isText
          ? (index, TraceText(place: field.place(isSigned: false), isRelative: field.isRelative))
          : nil
      }
    }
  }

  private static let rawEnter = [
    EventField(name: "id", offset: 0, size: 8, element: 8, flags: KTAP_FIELD_SIGNED.rawValue),
    EventField(
      name: "args", offset: 8, size: 48, element: 8,
      flags: KTAP_FIELD_ARRAY.rawValue | KTAP_FIELD_HEX.rawValue),
  ]
  private static let rawExit = ["id", "ret"].enumerated().map { index, name in
    EventField(
      name: name, offset: 8 * index, size: 8, element: 8, flags: KTAP_FIELD_SIGNED.rawValue)
  }

  /// A system call's entry: the number, then the arguments.
  private struct Call {
    var number = TracePlace()
    var registers: [TracePlace] = []
    var arguments: [ArgumentType] = []
    var fields: [EventField] = []

    init(_ all: [TraceField], longSize: Int) {
      guard let first = all.first else { return }
      number = first.place(isSigned: true)
      for (index, field) in all.dropFirst().prefix(6).enumerated() {
        let type = ArgumentType(field.type, longSize: longSize)
        registers.append(field.place(isSigned: false))
        arguments.append(type)
        fields.append(
          EventField(
            name: field.name, offset: 8 * index, size: 8, element: 8, flags: type.flags))
      }
    }
  }
}

/// A field of an event's format.
struct TraceField {
  let name: String
  /// As in C: "char[16]", "const char *".
  let type: String
  let offset: Int
  let size: Int
  private let element: Int
  private let flags: UInt

  static func all(of first: UnsafeMutablePointer<tep_format_field>?) -> [TraceField] {
    var fields: [TraceField] = []
    var next = first
    while let field = next?.pointee {
      fields.append(
        TraceField(
          name: String(cString: field.name), type: String(cString: field.type),
          offset: max(0, Int(field.offset)), size: max(0, Int(field.size)),
          element: max(1, Int(field.elementsize)), flags: UInt(field.flags)))
      next = field.next
    }
    return fields
  }

  private func has(_ flag: tep_format_flags) -> Bool { flags & UInt(flag.rawValue) != 0 }

  private var isDynamic: Bool { has(TEP_FIELD_IS_DYNAMIC) }
  var isRelative: Bool { has(TEP_FIELD_IS_RELATIVE) }
  /// A text of variable length.
  var isText: Bool { isDynamic && has(TEP_FIELD_IS_STRING) }

  func place(isSigned: Bool) -> TracePlace {
    TracePlace(offset: offset, size: size, isSigned: isSigned)
  }

  /// As the kernel module would describe it.
  func eventField(isAddress: Bool, isBigEndian: Bool) -> EventField {
    func made(
      _ flags: [ktap_field_flags], offset: Int? = nil, size: Int? = nil, element: Int? = nil
    ) -> EventField {
      EventField(
        name: name, offset: offset ?? self.offset, size: size ?? self.size,
        element: element ?? size ?? self.size, flags: flags.reduce(0) { $0 | $1.rawValue })
    }
    let sign = has(TEP_FIELD_IS_SIGNED) ? [KTAP_FIELD_SIGNED] : []
    if isDynamic {
      // An array that is no text shows its length in bytes, the upper half of the word.
      return isText
        ? made([KTAP_FIELD_STRING])
        : made([KTAP_FIELD_LENGTH], offset: isBigEndian ? offset : offset + 2, size: 2)
    }
    if type.hasPrefix("char[") { return made([KTAP_FIELD_CHARS], element: 1) }
    if type.hasSuffix("*") {
      let isString = type == "char *" || type == "const char *"
      return made([KTAP_FIELD_HEX] + (isString ? [KTAP_FIELD_STRING] : []))
    }
    if type.contains("[") || ![1, 2, 4, 8].contains(size) {
      let isWhole = [1, 2, 4, 8].contains(element) && size % element == 0
      return made(sign + [KTAP_FIELD_ARRAY], element: isWhole ? element : 1)
    }
    if type == "bool" { return made([KTAP_FIELD_BOOL]) }
    return made(isAddress ? [KTAP_FIELD_HEX] : sign)
  }

  /// Names of the fields that an event's own text prints by a %p conversion.
  static func printedAsAddresses(_ format: tep_print_fmt) -> Set<String> {
    guard let text = format.format else { return [] }
    var found: Set<String> = []
    var argument = format.args
    var bytes = String(cString: text).utf8[...]
    while let percent = bytes.firstIndex(of: UInt8(ascii: "%")) {
      bytes = bytes[bytes.index(after: percent)...]
      if bytes.first == UInt8(ascii: "%") {
        bytes = bytes.dropFirst()
        continue
      }
      // Flags, width and precision; a '*' takes an argument of its own.
      while let byte = bytes.first, !(UInt8(ascii: "A")...UInt8(ascii: "z")).contains(byte) {
        if byte == UInt8(ascii: "*") { argument = argument?.pointee.next }
        bytes = bytes.dropFirst()
      }
      if bytes.first == UInt8(ascii: "p"), let name = fieldName(argument) { found.insert(name) }
      argument = argument?.pointee.next
    }
    return found
  }

  /// The field that an argument is, perhaps with another type.
  private static func fieldName(_ argument: UnsafeMutablePointer<tep_print_arg>?) -> String? {
    guard let argument = argument?.pointee else { return nil }
    switch argument.type {
    case TEP_PRINT_FIELD: return argument.field.name.map { String(cString: $0) }
    case TEP_PRINT_TYPE: return fieldName(argument.typecast.item)
    default: return nil
    }
  }
}
