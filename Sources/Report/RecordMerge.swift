// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap

/// The rings of a program. Positions count bytes modulo 2^32, as in struct ktap_producer.
public protocol RingSource {
  /// Number of rings, one for each possible CPU.
  var count: Int { get }
  /// Bytes of data of each ring, a power of two.
  var size: UInt32 { get }
  /// How far the ring of `cpu` is written; read with acquire order.
  func head(_ cpu: Int) -> UInt32
  /// The first word of the record at this position; read with acquire order.
  func word(_ cpu: Int, at position: UInt32) -> UInt32
  /// The bytes from this position up to the end of the ring's data.
  func bytes(_ cpu: Int, at position: UInt32) -> UnsafeRawPointer
  /// Gives the space before `position` back to the writer; stored with release order.
  mutating func release(_ cpu: Int, upTo position: UInt32)
}

/// Brings the records of all rings into the order of their times.
///
/// No clock is needed: a pass looks at all rings, then hands on the records that are no younger
/// than the youngest one of the pass before. A record that is older than that was reserved before
/// that pass ended, so with a pause between passes it stands in its ring by now.
public struct RecordMerge<Source: RingSource> {
  public private(set) var source: Source
  private let rings: FixedArray<Ring>
  /// Time of the youngest record seen so far.
  private var youngest: UInt64 = 0

  private struct Ring {
    /// What is handed on up to here.
    var tail: UInt32 = 0
    /// Whole records stand up to here.
    var limit: UInt32 = 0
    /// Time of the youngest record before `limit`.
    var youngest: UInt64 = 0
    /// Time of the record at `tail`; only when tail and limit differ.
    var next: UInt64 = 0
  }

  /// What a pass has found.
  public struct Pass {
    /// Records handed on.
    public var records = 0
    /// Records wait for a later pass.
    public var isPending = false
    /// A ring held what cannot be a record; all in it was skipped.
    public var isDamaged = false

    /// Nothing found.
    public init() {}
  }

  /// `start`: where the writer began to count.
  public init(source: Source, start: UInt32 = 0) {
    self.source = source
    rings = FixedArray(repeating: Ring(tail: start, limit: start), count: source.count)
  }

  /// Hands on what is due. `isLast`: nothing more will be written, so everything is. `body` gets a
  /// whole record with its header, valid during the call, and the CPU; it returns false to stop.
  public mutating func pass(
    isLast: Bool, _ body: (UnsafeRawBufferPointer, Int) -> Bool
  ) -> Pass {
    var pass = Pass()
    var bound = isLast ? UInt64.max : rings.count == 1 ? UInt64.max : youngest
    for cpu in 0..<rings.count {
      let isBlocked = look(cpu, &pass)
      // Its unfinished record may be as old as the last finished one.
      if isBlocked, !isLast { bound = min(bound, rings[cpu].youngest) }
    }
    while let cpu = oldest(), rings[cpu].next <= bound {
      let tail = rings[cpu].tail
      let length = source.word(cpu, at: tail) & UInt32(KTAP_RECORD_LENGTH)
      let record = UnsafeRawBufferPointer(
        start: source.bytes(cpu, at: tail), count: Int(length))
      let goesOn = body(record, cpu)
      pass.records += 1
      rings[cpu].tail = tail &+ length
      skipDiscarded(cpu)
      source.release(cpu, upTo: rings[cpu].tail)
      if !goesOn { break }
    }
    pass.isPending = oldest() != nil
    return pass
  }

  /// The ring whose next record is the oldest one.
  private func oldest() -> Int? {
    var found: Int?
    for cpu in 0..<rings.count where rings[cpu].tail != rings[cpu].limit {
      if let best = found, rings[best].next <= rings[cpu].next { continue }
      found = cpu
    }
    return found
  }

  /// Moves the limit over the records that became whole. True when an unfinished one stopped it.
  private mutating func look(_ cpu: Int, _ pass: inout Pass) -> Bool {
    let head = source.head(cpu)
    var limit = rings[cpu].limit
    while limit != head {
      let word = source.word(cpu, at: limit)
      // 0: reserved, but not even its length is written.
      if word == 0 || word & KTAP_RECORD_BUSY != 0 {
        advance(cpu, to: limit)
        return true
      }
      let length = word & UInt32(KTAP_RECORD_LENGTH)
      let isDiscarded = word & UInt32(KTAP_RECORD_DISCARD) != 0
      let least = isDiscarded ? 8 : MemoryLayout<ktap_record>.size
      let room = min(head &- limit, source.size - (limit & (source.size - 1)))
      guard length >= least, length % 8 == 0, length <= room else {
        pass.isDamaged = true
        rings[cpu].tail = head
        rings[cpu].limit = head
        source.release(cpu, upTo: head)
        return false
      }
      if !isDiscarded {
        rings[cpu].youngest = max(rings[cpu].youngest, time(cpu, at: limit))
        youngest = max(youngest, rings[cpu].youngest)
      }
      limit = limit &+ length
    }
    advance(cpu, to: limit)
    return false
  }

  private mutating func advance(_ cpu: Int, to limit: UInt32) {
    guard rings[cpu].limit != limit else { return }
    rings[cpu].limit = limit
    let tail = rings[cpu].tail
    skipDiscarded(cpu)
    if rings[cpu].tail != tail { source.release(cpu, upTo: rings[cpu].tail) }
  }

  /// Moves the tail to a record that is to be handed on, or to the limit.
  private mutating func skipDiscarded(_ cpu: Int) {
    while rings[cpu].tail != rings[cpu].limit {
      let word = source.word(cpu, at: rings[cpu].tail)
      guard word & UInt32(KTAP_RECORD_DISCARD) != 0 else {
        rings[cpu].next = time(cpu, at: rings[cpu].tail)
        return
      }
      rings[cpu].tail = rings[cpu].tail &+ (word & UInt32(KTAP_RECORD_LENGTH))
    }
  }

  private func time(_ cpu: Int, at position: UInt32) -> UInt64 {
    source.bytes(cpu, at: position).loadUnaligned(fromByteOffset: 8, as: UInt64.self)
  }
}
