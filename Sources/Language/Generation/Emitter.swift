// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap

typealias Register = UInt8

/// A place in the code of a function that jumps go to.
struct Label: Hashable {
  let number: Int
}

/// The code and the registers of one function while they grow.
struct Emitter {
  struct Item {
    var instruction: Instruction
    var line: UInt32
    /// Where it jumps to; `imm` is computed at the end.
    var target: Label?
  }

  private(set) var items: [Item] = []
  /// The index of the instruction that each label stands in front of.
  private var positions: [Int?] = []
  private(set) var masks: [KindMask] = []
  private var inUse: [Bool] = []
  /// More registers were wanted than an instruction can name.
  private(set) var isOverflown = false
  /// Registers are taken again only when many are in use, so that values stay where they are until
  /// the optimiser has seen them; it puts them together.
  let isRoomy: Bool
  /// Where the search for a free register begins, if it is roomy.
  private var searchStart = 0
  var line: UInt32 = 0

  /// Above this number of registers, roomy functions take them again.
  private static let roomy = 192

  init(isRoomy: Bool) { self.isRoomy = isRoomy }

  // MARK: - Registers

  /// A free register of exactly this mask; an empty mask, of code that never gets a value, is nil's.
  mutating func allocate(_ mask: KindMask) -> Register { allocateRun([mask]) }

  /// The first of registers that follow each other and have these masks.
  mutating func allocateRun(_ wanted: [KindMask]) -> Register {
    let run = wanted.map { $0.isEmpty ? KindMask.nil : $0 }
    guard !run.isEmpty else { return 0 }
    if isRoomy, masks.count + run.count <= Emitter.roomy { return take(run, at: masks.count) }
    for offset in masks.indices {
      let start = (searchStart + offset) % masks.count
      guard fits(run, at: start) else { continue }
      if isRoomy { searchStart = start + run.count }
      return take(run, at: start)
    }
    return take(run, at: max(masks.count - freeTail(run), 0))
  }

  private func fits(_ run: [KindMask], at start: Int) -> Bool {
    guard start + run.count <= masks.count else { return false }
    for (offset, mask) in run.enumerated() {
      if inUse[start + offset] || masks[start + offset] != mask { return false }
    }
    return true
  }

  /// How many free registers at the end can be the run's beginning.
  private func freeTail(_ run: [KindMask]) -> Int {
    for length in stride(from: min(run.count, masks.count), to: 0, by: -1) {
      let start = masks.count - length
      if (0..<length).allSatisfy({ !inUse[start + $0] && masks[start + $0] == run[$0] }) {
        return length
      }
    }
    return 0
  }

  private mutating func take(_ run: [KindMask], at start: Int) -> Register {
    guard start + run.count <= Int(KTAP_MAX_REGISTERS) else {
      isOverflown = true
      return 0
    }
    for (offset, mask) in run.enumerated() {
      if start + offset == masks.count {
        masks.append(mask)
        inUse.append(true)
      } else {
        inUse[start + offset] = true
      }
    }
    return Register(start)
  }

  mutating func release(_ register: Register, count: Int = 1) {
    for index in Int(register)..<min(Int(register) + count, inUse.count) { inUse[index] = false }
  }

  func mask(_ register: Register) -> KindMask {
    Int(register) < masks.count ? masks[Int(register)] : .nil
  }

  // MARK: - Code

  mutating func emit(
    _ op: ktap_opcode, a: Register = 0, b: Register = 0, c: Register = 0, imm: Int32 = 0
  ) {
    items.append(Item(instruction: Instruction(op, a: a, b: b, c: c, imm: imm), line: line))
  }

  mutating func jump(
    _ op: ktap_opcode, a: Register = 0, b: Register = 0, c: Register = 0, to label: Label
  ) {
    items.append(Item(instruction: Instruction(op, a: a, b: b, c: c), line: line, target: label))
  }

  mutating func jump(_ op: ktap_opcode, a: Register, wide: Int16, to label: Label) {
    var instruction = Instruction(op, a: a)
    instruction.wide = wide
    items.append(Item(instruction: instruction, line: line, target: label))
  }

  mutating func label() -> Label {
    positions.append(nil)
    return Label(number: positions.count - 1)
  }

  mutating func place(_ label: Label) { positions[label.number] = items.count }

  // MARK: - Finishing

  /// The finished code. What cannot run is still in it, and jumps may go to its end.
  func finish() -> (code: [Instruction], lines: [UInt32]) {
    var code: [Instruction] = []
    for (index, item) in items.enumerated() {
      var instruction = item.instruction
      if let target = item.target {
        instruction.imm = Int32((positions[target.number] ?? items.count) - index - 1)
      }
      code.append(instruction)
    }
    return (code, items.map(\.line))
  }
}
