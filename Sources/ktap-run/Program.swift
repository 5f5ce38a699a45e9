// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CAgent
import CKtap
import Report

/// Why a step failed: a negative errno and the kernel's sentence, empty when it gave none.
struct KernelRefusal: Error {
  var error: Int32
  var sentence: ByteBuffer
  /// The probe that could not be attached.
  var probe: UInt32?

  var kind: cagent_error { cagent_classify(error) }
}

/// The device and, once loaded, a program in the kernel.
struct Program {
  /// The descriptor; closing it ends the program.
  let descriptor: Int32

  /// Bytes for a sentence of the kernel.
  private static var messageSize: Int { 256 }

  /// KTAP_NR_LOAD.
  static func load(
    device: Int32, bundle: [UInt8], arguments: [UInt8], options: Options, command: Int32
  ) throws(KernelRefusal) -> Program {
    var load = ktap_ioc_load()
    load.pid = options.pid
    load.cpu = options.cpu
    load.command = command
    load.argument_count = UInt32(arguments.count / MemoryLayout<ktap_ioc_argument>.stride)
    load.bundle_length = UInt64(bundle.count)
    let (result, sentence) = withMessage { message in
      load.message = message
      return bundle.withUnsafeBytes { bytes in
        arguments.withUnsafeBytes { list in
          load.bundle = address(bytes.baseAddress)
          load.arguments = address(list.baseAddress)
          return cagent_load(device, &load)
        }
      }
    }
    guard result >= 0 else { throw KernelRefusal(error: result, sentence: sentence, probe: nil) }
    return Program(descriptor: result)
  }

  /// KTAP_NR_NARROW.
  func narrow(_ options: Options, cgroup: Int32) throws(KernelRefusal) {
    var narrow = ktap_ioc_narrow()
    narrow.cgroup = cgroup
    narrow.flags = options.children ? KTAP_NARROW_CHILDREN.rawValue : 0
    let (result, sentence) = Program.withMessage { message in
      narrow.message = message
      return cagent_narrow(descriptor, &narrow)
    }
    guard result >= 0 else { throw KernelRefusal(error: result, sentence: sentence, probe: nil) }
  }

  /// KTAP_NR_ATTACH; returns the number of events.
  func attach() throws(KernelRefusal) -> UInt32 {
    var attach = ktap_ioc_attach()
    let (result, sentence) = Program.withMessage { message in
      attach.message = message
      return cagent_attach(descriptor, &attach)
    }
    guard result >= 0 else {
      throw KernelRefusal(error: result, sentence: sentence, probe: attach.probe)
    }
    return attach.events
  }

  /// KTAP_NR_START.
  func start() throws(KernelRefusal) {
    let result = cagent_start(descriptor)
    guard result >= 0 else {
      throw KernelRefusal(error: result, sentence: ByteBuffer(), probe: nil)
    }
  }

  /// KTAP_NR_STATUS; zeros when that fails.
  func status() -> ktap_ioc_status {
    var status = ktap_ioc_status()
    return cagent_status(descriptor, &status) < 0 ? ktap_ioc_status() : status
  }

  /// KTAP_NR_EVENT: `event` gets what is no field, the structures ktap_event_field are returned. nil: there is no
  /// such event.
  func fields(of event: inout ktap_ioc_event) -> [UInt8]? {
    // Events have a handful of fields; a second call gets all of one that has more.
    let size = MemoryLayout<ktap_event_field>.stride
    var capacity = 16
    while true {
      var fields = [UInt8](repeating: 0, count: capacity * size)
      event.field_capacity = UInt32(capacity)
      let result = fields.withUnsafeMutableBytes {
        event.fields = Program.address($0.baseAddress)
        return cagent_event(descriptor, &event)
      }
      guard result >= 0 else { return nil }
      let count = Int(event.field_count)
      if count <= capacity {
        fields.removeLast((capacity - count) * size)
        return fields
      }
      capacity = count
    }
  }

  /// What an event looks like.
  func describe(event id: UInt32) -> EventDescription? {
    var event = ktap_ioc_event()
    event.id = id
    guard let fields = fields(of: &event) else { return nil }
    var description = EventDescription(
      style: event.style, name: withUnsafeBytes(of: &event.name) { [UInt8](upToNUL($0)) })
    fields.withUnsafeBytes { bytes in
      for index in 0..<Int(event.field_count) {
        var field = bytes.load(
          fromByteOffset: index * MemoryLayout<ktap_event_field>.stride, as: ktap_event_field.self)
        let offset = field.offset
        let (size, element, flags) = (field.size, field.element, field.flags)
        withUnsafeBytes(of: &field.name) {
          description.addField(
            name: upToNUL($0), offset: offset, size: size, element: element, flags: flags)
        }
      }
    }
    return description
  }

  /// The name of a frame of one of the program's stacks.
  func symbol(stack: UInt32, frame: UInt32) -> [UInt8]? {
    var symbol = ktap_ioc_symbol()
    symbol.stack = stack
    symbol.frame = frame
    guard cagent_symbol(descriptor, &symbol) == 0 else { return nil }
    return withUnsafeBytes(of: &symbol.name) { [UInt8](upToNUL($0)) }
  }

  /// Makes a call with a buffer for the kernel's sentence; returns its result and the sentence.
  private static func withMessage(
    _ call: (ktap_ioc_message) -> Int32
  ) -> (Int32, ByteBuffer) {
    var buffer = [UInt8](repeating: 0, count: messageSize)
    return buffer.withUnsafeMutableBytes { bytes in
      let result = call(
        ktap_ioc_message(
          address: address(bytes.baseAddress), size: UInt32(bytes.count), reserved: 0))
      var sentence = ByteBuffer()
      sentence.append(upToNUL(UnsafeRawBufferPointer(bytes)))
      return (result, sentence)
    }
  }

  /// An address as the ABI carries it, 64 bits on every board.
  static func address(_ pointer: UnsafeRawPointer?) -> UInt64 {
    UInt64(UInt(bitPattern: pointer))
  }
}
