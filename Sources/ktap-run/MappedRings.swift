// SPDX-License-Identifier: GPL-2.0-or-later
import CAgent
import CKtap
import Report

/// The rings of a program in this process's memory.
struct MappedRings: RingSource {
  private let consumers: UnsafeMutableRawPointer
  /// Each ring: a page struct ktap_producer, then the data. They stay as long as the process.
  private let rings: UnsafeMutablePointer<UnsafeRawPointer>
  /// Bytes from a ring's beginning to its data.
  private var page = 0
  private(set) var size: UInt32 = 0

  let count: Int

  /// Maps the rings of `cpus` possible CPUs; throws a negative errno.
  init(program: Int32, cpus: Int) throws(MappingError) {
    page = cagent_page_size()
    count = cpus
    let consumerBytes = MemoryLayout<ktap_consumer>.stride * cpus
    consumers = try MappedRings.map(
      program, offset: 0, length: (consumerBytes + page - 1) & ~(page - 1), writable: true)
    rings = .allocate(capacity: cpus)
    for cpu in 0..<cpus {
      let offset = UInt64(cpu + 1) << UInt64(KTAP_RING_SHIFT)
      // The first page tells how long the ring is.
      let first = try MappedRings.map(program, offset: offset, length: page, writable: false)
      let producer = first.load(as: ktap_producer.self)
      cagent_unmap(first, page)
      page = Int(producer.page)
      let ring = try MappedRings.map(
        program, offset: offset, length: page + Int(producer.size), writable: false)
      size = producer.size
      rings[cpu] = UnsafeRawPointer(ring)
    }
  }

  private static func map(
    _ program: Int32, offset: UInt64, length: Int, writable: Bool
  ) throws(MappingError) -> UnsafeMutableRawPointer {
    var error: Int32 = 0
    guard let address = cagent_map(program, offset, length, writable, &error) else {
      throw MappingError(error: error)
    }
    return address
  }

  func head(_ cpu: Int) -> UInt32 {
    cagent_load_acquire(rings[cpu])
  }

  /// Records of this CPU that found its ring full, modulo 2^32.
  func lost(_ cpu: Int) -> UInt32 {
    cagent_load_acquire(rings[cpu] + 8)
  }

  func word(_ cpu: Int, at position: UInt32) -> UInt32 {
    cagent_load_acquire(bytes(cpu, at: position))
  }

  func bytes(_ cpu: Int, at position: UInt32) -> UnsafeRawPointer {
    rings[cpu] + page + Int(position & (size - 1))
  }

  func release(_ cpu: Int, upTo position: UInt32) {
    cagent_store_release(consumers + MemoryLayout<ktap_consumer>.stride * cpu, position)
  }
}

struct MappingError: Error {
  /// A negative errno.
  var error: Int32
}
