// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap
import Testing

@testable import Report

/// Rings in ordinary memory, written by the test as the kernel writes them.
final class FakeRings: RingSource {
  let size: UInt32
  private var data: [UnsafeMutableRawPointer]
  var heads: [UInt32]
  var tails: [UInt32]
  var count: Int { data.count }

  init(_ count: Int, size: UInt32 = 4096, start: UInt32 = 0) {
    self.size = size
    data = (0..<count).map { _ in
      let memory = UnsafeMutableRawPointer.allocate(byteCount: Int(size), alignment: 8)
      memory.initializeMemory(as: UInt8.self, repeating: 0, count: Int(size))
      return memory
    }
    heads = [UInt32](repeating: start, count: count)
    tails = heads
  }

  deinit { for memory in data { memory.deallocate() } }

  func head(_ cpu: Int) -> UInt32 { heads[cpu] }
  func word(_ cpu: Int, at position: UInt32) -> UInt32 {
    bytes(cpu, at: position).load(as: UInt32.self)
  }
  func bytes(_ cpu: Int, at position: UInt32) -> UnsafeRawPointer {
    UnsafeRawPointer(data[cpu] + Int(position & (size - 1)))
  }
  func release(_ cpu: Int, upTo position: UInt32) { tails[cpu] = position }

  /// Reserves and publishes a record of one value; returns where it stands. nil when it is full.
  @discardableResult
  func put(_ cpu: Int, ns: UInt64, flags: UInt32 = 0, words: Int = 1) -> UInt32? {
    let length = UInt32(16 + 8 * words)
    let room = size - (heads[cpu] & (size - 1))
    let needed = room < length ? room + length : length
    guard needed <= size - (heads[cpu] &- tails[cpu]) else { return nil }
    if room < length {
      store(cpu, heads[cpu], room | KTAP_RECORD_DISCARD)
      heads[cpu] &+= room
    }
    let position = heads[cpu]
    data[cpu].storeBytes(
      of: ns, toByteOffset: Int(position & (size - 1)) + 8, as: UInt64.self)
    store(cpu, position, length | flags)
    heads[cpu] &+= length
    return position
  }

  func store(_ cpu: Int, _ position: UInt32, _ word: UInt32) {
    data[cpu].storeBytes(of: word, toByteOffset: Int(position & (size - 1)), as: UInt32.self)
  }
}

extension RecordMerge where Source == FakeRings {
  /// The times that a pass hands on.
  mutating func times(isLast: Bool = false) -> [UInt64] {
    var times: [UInt64] = []
    _ = pass(isLast: isLast) { record, _ in
      times.append(record.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
      return true
    }
    return times
  }
}

@Suite struct MergeTests {
  @Test func recordsOfAllRingsComeInTheOrderOfTheirTimes() {
    let rings = FakeRings(3)
    for ns in [1, 4, 7] as [UInt64] { rings.put(0, ns: ns) }
    for ns in [2, 5] as [UInt64] { rings.put(1, ns: ns) }
    for ns in [3, 6, 9] as [UInt64] { rings.put(2, ns: ns) }
    var merge = RecordMerge(source: rings)
    #expect(merge.times() == [])
    // Reserved before the first pass ended, but seen only by the second.
    rings.put(1, ns: 8)
    rings.put(0, ns: 10)
    #expect(merge.times() == [1, 2, 3, 4, 5, 6, 7, 8, 9])
    #expect(merge.times() == [10])
    #expect(rings.tails == rings.heads)
  }

  @Test func nothingPassesAnUnfinishedRecord() {
    let rings = FakeRings(2)
    rings.put(0, ns: 1)
    rings.put(1, ns: 2)
    let busy = rings.put(1, ns: 3, flags: KTAP_RECORD_BUSY)
    rings.put(0, ns: 5)
    rings.put(1, ns: 6)
    var merge = RecordMerge(source: rings)
    _ = merge.times()
    #expect(merge.times() == [1, 2])
    #expect(merge.times() == [])
    rings.store(1, busy ?? 0, 24)
    #expect(merge.times() == [3, 5])
    #expect(merge.times() == [6])
  }

  @Test func lastPassTakesEverything() {
    let rings = FakeRings(2)
    rings.put(0, ns: 5)
    rings.put(1, ns: 3)
    var merge = RecordMerge(source: rings)
    #expect(merge.times(isLast: true) == [3, 5])
  }

  @Test func oneRingNeedsNoWaiting() {
    let rings = FakeRings(1)
    rings.put(0, ns: 5)
    var merge = RecordMerge(source: rings)
    #expect(merge.times() == [5])
  }

  @Test func discardedRecordsAreSkippedAndTheirSpaceReturned() {
    let rings = FakeRings(1)
    rings.put(0, ns: 1, flags: KTAP_RECORD_DISCARD)
    var merge = RecordMerge(source: rings)
    #expect(merge.times() == [])
    #expect(rings.tails == rings.heads)
    rings.put(0, ns: 2)
    rings.put(0, ns: 3, flags: KTAP_RECORD_DISCARD)
    rings.put(0, ns: 4)
    #expect(merge.times() == [2, 4])
  }

  @Test func zeroWordIsAnUnfinishedRecord() {
    let rings = FakeRings(1)
    rings.put(0, ns: 1)
    rings.heads[0] += 24
    var merge = RecordMerge(source: rings)
    #expect(merge.times() == [1])
    rings.heads[0] -= 24
    rings.put(0, ns: 2)
    #expect(merge.times() == [2])
  }

  @Test(arguments: [8, 20, 4096, 1 << 20] as [UInt32])
  func damagedRingIsSkipped(length: UInt32) {
    let rings = FakeRings(1)
    rings.put(0, ns: 1)
    let position = rings.put(0, ns: 2)
    rings.store(0, position ?? 0, length)
    var merge = RecordMerge(source: rings)
    let pass = merge.pass(isLast: true) { _, _ in true }
    #expect(pass.isDamaged && !pass.isPending)
    #expect(rings.tails == rings.heads)
    rings.put(0, ns: 3)
    #expect(merge.times() == [3])
  }

  @Test func stoppingLeavesTheRestInTheRing() {
    let rings = FakeRings(1)
    rings.put(0, ns: 1)
    rings.put(0, ns: 2)
    var merge = RecordMerge(source: rings)
    let pass = merge.pass(isLast: true) { _, _ in false }
    #expect(pass.records == 1 && pass.isPending)
    #expect(merge.times() == [2])
  }

  /// Many records of several lengths through small rings, with counters that run over 2^32.
  @Test func everyRecordArrivesOnceAndInOrder() {
    let rings = FakeRings(3, start: 0xFFFF_F000)
    var merge = RecordMerge(source: rings, start: 0xFFFF_F000)
    var random = SeededGenerator(seed: 1)
    var ns: UInt64 = 0
    var expected: [UInt64] = []
    var arrived: [UInt64] = []
    for _ in 0..<2000 {
      for _ in 0..<Int.random(in: 0..<40, using: &random) {
        ns += 1
        let cpu = Int.random(in: 0..<3, using: &random)
        if rings.put(cpu, ns: ns, words: .random(in: 0..<20, using: &random)) != nil {
          expected.append(ns)
        }
      }
      arrived += merge.times()
    }
    arrived += merge.times(isLast: true)
    #expect(arrived == expected)
    #expect(rings.heads[0] < 0xFFFF_F000)
  }
}
