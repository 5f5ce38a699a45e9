// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap

/// What events of one kind look like: their names and their fields.
public struct EventType: Equatable, Sendable {
  /// How an event is named and written out.
  public enum Style: Equatable, Sendable {
    case tracepoint
    case systemCallEnter
    case systemCallExit
    /// raw_syscalls:sys_enter
    case rawEnter
    /// raw_syscalls:sys_exit
    case rawExit
    /// The entry of a kernel function, or a place in it.
    case function
    case functionReturn

    /// True for events that happen when a system call begins.
    public var isEnter: Bool { self == .systemCallEnter || self == .rawEnter }
  }

  public let style: Style
  /// "sched", "syscalls".
  public let system: String
  /// "sched_switch"; of system calls the call's own name, "openat".
  public let name: String
  /// In the order of the event's format; those of a system call's exit are the result and then the
  /// arguments.
  public let fields: [EventField]

  public init(style: Style, system: String, name: String, fields: [EventField]) {
    self.style = style
    self.system = system
    self.name = name
    self.fields = fields
  }

  /// The event's name in its system: "sys_enter_openat".
  public var event: String {
    switch style {
    case .systemCallEnter: "sys_enter_" + name
    case .systemCallExit: "sys_exit_" + name
    case .functionReturn: name + "%return"
    case .tracepoint, .rawEnter, .rawExit, .function: name
    }
  }

  /// "syscalls:sys_enter_openat"; of a timer on every CPU its name alone, "profile-10ms".
  public var fullName: String { system == EventType.profileSystem ? name : system + ":" + event }

  /// The system of timers on every CPU.
  public static let profileSystem = "profile"

  public var isSystemCall: Bool { style != .tracepoint && !isFunction }

  /// A probe of a kernel function.
  public var isFunction: Bool { style == .function || style == .functionReturn }

  /// True when an event specification of a bundle, "sched:*", "probe:vfs_*%return", is for it.
  public func matches(_ specification: String) -> Bool {
    EventType.isCovered(fullName, by: specification)
  }

  /// The same for another specification: that all of its events are among the other's. Kernel functions
  /// are asked for as such, and entries and returns apart.
  static func isCovered(_ event: String, by specification: String) -> Bool {
    let parts = event.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let wanted = specification.split(
      separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, wanted.count == 2 else { return false }
    // What the filter behind the name lets in.
    if parts[0] == "ftrace" { return wanted[0] == "ftrace" }
    guard Glob.matches(parts[1], pattern: wanted[1]) else { return false }
    guard parts[0] == "probe" else { return Glob.matches(parts[0], pattern: wanted[0]) }
    return wanted[0] == "probe" && parts[1].hasSuffix("%return") == wanted[1].hasSuffix("%return")
      && parts[1].contains("+") == wanted[1].contains("+")
  }

  /// False for a system call that the board had only a number for: its arguments have no names.
  public var hasNamedArguments: Bool {
    !name.hasPrefix("compat_") && !name.allSatisfy(\.isNumber)
  }

  /// The arguments of a named system call, whether it begins or ends.
  public var arguments: ArraySlice<EventField> {
    switch style {
    case .systemCallEnter: fields[...]
    case .systemCallExit: fields.dropFirst()
    case .tracepoint, .rawEnter, .rawExit, .function, .functionReturn: []
    }
  }

  /// enum ktap_event_style.
  public var code: UInt32 {
    switch style {
    case .systemCallEnter: KTAP_EVENT_SYSCALL_ENTER.rawValue
    case .systemCallExit: KTAP_EVENT_SYSCALL_EXIT.rawValue
    case .function: KTAP_EVENT_FUNCTION.rawValue
    case .functionReturn: KTAP_EVENT_FUNCTION_RETURN.rawValue
    case .tracepoint, .rawEnter, .rawExit: KTAP_EVENT_TRACEPOINT.rawValue
    }
  }
}

/// A field of an event.
public struct EventField: Equatable, Sendable {
  public let name: String
  /// Into the raw entry.
  public let offset: Int
  /// Bytes.
  public let size: Int
  /// Bytes of one element of an array, else of the field.
  public let element: Int
  /// enum ktap_field_flags.
  public let flags: UInt32

  public init(name: String, offset: Int, size: Int, element: Int, flags: UInt32) {
    self.name = name
    self.offset = offset
    self.size = size
    self.element = element
    self.flags = flags
  }

  public func has(_ flag: ktap_field_flags) -> Bool { flags & flag.rawValue != 0 }

  /// A string for the script, wherever its bytes are.
  public var isText: Bool { has(KTAP_FIELD_CHARS) || has(KTAP_FIELD_STRING) }

  /// An array or a structure: printed, but nothing that a script can read.
  public var isArray: Bool {
    has(KTAP_FIELD_ARRAY) || has(KTAP_FIELD_LENGTH) || ![1, 2, 4, 8].contains(size)
  }
}
