// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap

/// Makes the files of `ktap-run --record`, in either byte order, without a board.
public struct RecordingBuilder {
  public private(set) var bytes: [UInt8] = []
  let isBigEndian: Bool

  /// A field of a type: flags of enum ktap_field_flags.
  public struct Field: Sendable {
    let name: String
    let offset: Int
    let size: Int
    let element: Int
    let flags: UInt32

    public init(
      _ name: String, offset: Int, size: Int, element: Int? = nil, _ flags: [ktap_field_flags] = []
    ) {
      self.name = name
      self.offset = offset
      self.size = size
      self.element = element ?? size
      self.flags = flags.reduce(0) { $0 | $1.rawValue }
    }
  }

  /// The task of an event.
  public struct Task: Sendable {
    public var pid: Int64 = 100
    public var tid: Int64 = 101
    public var ppid: Int64 = 1
    public var uid: Int64 = 1000
    public var gid: Int64 = 1000
    public var execname = "sh"
    public var prio: Int64 = 120
    public var isInInterrupt = false
    public var isInIOWait = false
    public var cgroup: Int64 = 7

    public init() {}
  }

  /// - Parameter specifications: nil for a file that ends behind its header.
  public init(
    isBigEndian: Bool = false, word: UInt16 = 4, specifications: [String] = ["*:*"],
    cpus: Int64 = 2,
    wallClock: Int64 = 1_700_000_000_000_000_000, start: UInt64 = 1_000_000_000
  ) {
    self.isBigEndian = isBigEndian
    bytes = Array("KTAPREC\n".utf8)
    put(UInt32(0x0102_0304))
    put(UInt16(1))
    put(word)
    for specification in specifications {
      record(1) { $0.bytes += Array(specification.utf8) }
    }
    record(2, time: start) {
      $0.put(string: isBigEndian ? "ppc" : "armv7l")
      $0.put(string: "6.1.0-test")
      $0.put(integer: cpus)
      $0.put(integer: wallClock)
      $0.put(integer: Int64(start))
    }
  }

  public mutating func type(
    _ id: UInt32, _ style: ktap_event_style, _ system: String, _ name: String, _ fields: [Field]
  ) {
    record(4) {
      $0.put(id)
      $0.put(style.rawValue)
      $0.put(UInt64(0))
      $0.put(UInt32(0))
      $0.put(UInt32(fields.count))
      $0.put(name, 64)
      $0.put(system, 64)
      for field in fields {
        $0.put(field.name, 48)
        $0.put(UInt32(field.offset))
        $0.put(UInt32(field.size))
        $0.put(UInt32(field.element))
        $0.put(field.flags)
      }
    }
  }

  /// - Parameters:
  ///   - raw: writes the raw entry.
  ///   - texts: of fields by their index; nil: not readable.
  ///   - call: number and registers of a system call.
  ///   - arguments: at an exit, the arguments by their types and their texts.
  public mutating func event(
    _ id: UInt32, time: UInt64, cpu: UInt16 = 0, task: Task = Task(), texts: [(Int, String?)] = [],
    call: (number: Int64, registers: [UInt64])? = nil,
    arguments: (values: [Int64], texts: [(Int, String?)])? = nil,
    raw: (inout RecordingBuilder) -> Void
  ) {
    record(3, cpu: cpu, time: time) {
      var capture = $0.empty
      capture.putCapture(texts, raw)
      $0.put(kind: KTAP_KIND_EVENT, aux: id, capture.bytes)
      var registers = $0.empty
      if let call {
        registers.put(call.number)
        for register in call.registers { registers.put(register) }
      }
      if let arguments {
        registers.putCapture(arguments.texts) { raw in
          for value in arguments.values { raw.put(value) }
        }
      }
      $0.put(kind: KTAP_KIND_STR, registers.bytes)
      for number in [task.pid, task.tid, task.ppid, task.uid, task.gid] { $0.put(integer: number) }
      $0.put(string: task.execname)
      $0.put(integer: task.prio)
      $0.put(kind: KTAP_KIND_BOOL, aux: task.isInInterrupt ? 1 : 0, [])
      $0.put(kind: KTAP_KIND_BOOL, aux: task.isInIOWait ? 1 : 0, [])
      $0.put(integer: task.cgroup)
    }
  }

  /// The end record, behind which nothing may stand.
  public mutating func end(
    time: UInt64, missed: UInt64 = 0, throttled: UInt64 = 0, lost: UInt64 = 0
  ) {
    record(5, time: time) {
      for counter in [0, 0, missed, throttled, 0, lost] { $0.put(counter) }
    }
  }

  // MARK: - Pieces

  private var empty: RecordingBuilder { RecordingBuilder(like: self) }

  private init(like other: RecordingBuilder) {
    isBigEndian = other.isBigEndian
  }

  /// A record of any kind with what `body` puts into it.
  public mutating func record(
    _ kind: UInt16, cpu: UInt16 = 0, time: UInt64 = 0, _ body: (inout RecordingBuilder) -> Void
  ) {
    var payload = empty
    body(&payload)
    payload.pad()
    put(UInt32(16 + payload.bytes.count))
    put(kind)
    put(cpu)
    put(time)
    bytes += payload.bytes
  }

  /// A number in the file's byte order.
  public mutating func put<T: FixedWidthInteger>(_ number: T) {
    withUnsafeBytes(of: isBigEndian ? number.bigEndian : number.littleEndian) {
      bytes += Array($0)
    }
  }

  /// A text in a fixed number of bytes.
  public mutating func put(_ text: String, _ size: Int) {
    let utf8 = Array(text.utf8.prefix(size))
    bytes += utf8 + [UInt8](repeating: 0, count: size - utf8.count)
  }

  private mutating func pad() {
    while bytes.count % 8 != 0 { bytes.append(0) }
  }

  private mutating func put(kind: ktap_kind, aux: UInt32 = 0, _ data: [UInt8]) {
    put(UInt8(kind.rawValue))
    put(UInt8(0))
    put(UInt16(data.count))
    put(aux)
    bytes += data
    pad()
  }

  private mutating func put(integer: Int64) {
    var data = empty
    data.put(integer)
    put(kind: KTAP_KIND_INT, data.bytes)
  }

  private mutating func put(string: String) {
    put(kind: KTAP_KIND_STR, Array(string.utf8))
  }

  private mutating func putCapture(
    _ texts: [(Int, String?)], _ raw: (inout RecordingBuilder) -> Void
  ) {
    var entry = empty
    raw(&entry)
    put(UInt32(entry.bytes.count))
    put(UInt32(texts.count))
    bytes += entry.bytes
    pad()
    for (field, text) in texts {
      put(UInt32(field))
      put(text.map { UInt32($0.utf8.count) } ?? 0xFFFF_FFFF)
      bytes += Array((text ?? "").utf8)
      pad()
    }
  }
}
