// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap

extension RecordingBuilder {
  /// Entry and exit of openat by two tasks on two CPUs, a switch between them, a raw system call, and
  /// fields of all kinds.
  public static func sample(isBigEndian: Bool = false) -> [UInt8] {
    var file = RecordingBuilder(
      isBigEndian: isBigEndian, specifications: ["syscalls:*", "sched:*", "raw_syscalls:*"])
    file.describeSample()
    var shell = Task()
    var editor = Task()
    editor.pid = 200
    editor.tid = 200
    editor.execname = "vi"
    editor.uid = 0
    shell.cgroup = 8
    file.enter(1_100_000_000, 0, shell, "/etc/passwd")
    file.enter(1_200_000_000, 1, editor, nil)
    file.leave(1_250_000_000, 1, editor, "/root/notes", result: -2)
    file.leave(1_300_000_000, 0, shell, "/etc/passwd", result: 3)
    file.event(
      0x50000, time: 1_400_000_000, cpu: 0, task: shell, texts: [(6, "cfs rq")]
    ) {
      $0.put(UInt64(0))  // the common fields
      $0.put("sh", 16)
      $0.put(Int32(101))
      $0.put(Int16(-120))
      $0.put(UInt8(1))
      $0.put(UInt8(0))
      $0.put(UInt32(0xC012_3456))
      $0.put(UInt16(1))
      $0.put(UInt16(2))
      $0.put(UInt32(0x0006_0034))
    }
    file.event(
      0x30000, time: 1_500_000_000, cpu: 1, task: editor,
      call: (39, [1, 2, 3, 4, 5, 0xFFFF_FFFF])
    ) {
      $0.put(Int64(39))
      for value: UInt64 in [1, 2, 3, 4, 5, 0xFFFF_FFFF] { $0.put(value) }
    }
    file.end(time: 2_000_000_000, lost: 1)
    return file.bytes
  }

  private mutating func describeSample() {
    type(
      0x10142, KTAP_EVENT_SYSCALL_ENTER, "syscalls", "openat",
      RecordingBuilder.openatArguments)
    type(
      0x20142, KTAP_EVENT_SYSCALL_EXIT, "syscalls", "openat",
      [Field("ret", offset: 0, size: 8, [KTAP_FIELD_SIGNED, KTAP_FIELD_HEX])]
        + RecordingBuilder.openatArguments)
    type(
      0x50000, KTAP_EVENT_TRACEPOINT, "sched", "sched_switch",
      [
        Field("prev_comm", offset: 8, size: 16, element: 1, [KTAP_FIELD_CHARS]),
        Field("prev_pid", offset: 24, size: 4, [KTAP_FIELD_SIGNED]),
        Field("prev_prio", offset: 28, size: 2, [KTAP_FIELD_SIGNED]),
        Field("preempt", offset: 30, size: 1, [KTAP_FIELD_BOOL]),
        Field("rq", offset: 32, size: 4, [KTAP_FIELD_HEX]),
        Field("slots", offset: 36, size: 4, element: 2, [KTAP_FIELD_ARRAY]),
        Field("class", offset: 40, size: 4, [KTAP_FIELD_STRING]),
      ])
    type(
      0x30000, KTAP_EVENT_TRACEPOINT, "raw_syscalls", "sys_enter",
      [
        Field("id", offset: 0, size: 8, [KTAP_FIELD_SIGNED]),
        Field("args", offset: 8, size: 48, element: 8, [KTAP_FIELD_ARRAY, KTAP_FIELD_HEX]),
      ])
  }

  private static let openatArguments = [
    Field("dfd", offset: 0, size: 8, [KTAP_FIELD_SIGNED]),
    Field("filename", offset: 8, size: 8, [KTAP_FIELD_HEX, KTAP_FIELD_STRING]),
    Field("flags", offset: 16, size: 8, [KTAP_FIELD_SIGNED]),
    Field("mode", offset: 24, size: 8),
  ]

  private static let openatCall: (Int64, [UInt64]) = (
    322, [0xFFFF_FF9C, 0xBEEF_0000, 0x8_0000, 0, 77, 78]
  )
  private static let openatValues: [Int64] = [-100, 0xBEEF_0000, 0x8_0000, 0, 77, 78]

  private mutating func enter(_ time: UInt64, _ cpu: UInt16, _ task: Task, _ path: String?) {
    event(
      0x10142, time: time, cpu: cpu, task: task, texts: [(1, path)],
      call: RecordingBuilder.openatCall
    ) { raw in
      for value in RecordingBuilder.openatValues { raw.put(value) }
    }
  }

  private mutating func leave(
    _ time: UInt64, _ cpu: UInt16, _ task: Task, _ path: String?, result: Int64
  ) {
    event(
      0x20142, time: time, cpu: cpu, task: task, call: RecordingBuilder.openatCall,
      arguments: (RecordingBuilder.openatValues, [(1, path)])
    ) { $0.put(result) }
  }
}
