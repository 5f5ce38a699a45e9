// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode

/// Which register holds which value at a place of the code, and what is known of values there.
/// Places that are reached by one way only know what was known before; `rewind` takes back what
/// was learned since a mark.
struct ValueScope {
  private enum Undo {
    case register(UInt8, Value?)
    case kinds(Value, KindMask?)
    case set(Int32)
    case tables(Int)
    case global(Int32, Int?)
    case globals(Int, [Int32: Int])
    case fixed(Int32, Int?)
  }

  private var held: [Value?]
  private var narrowed: [Value: KindMask] = [:]
  /// The registers that were given each value, the oldest first; `held` says which still have it.
  private var homes: [Value: [UInt8]] = [:]
  private var tables = 0
  private var allGlobals = 0
  private var globals: [Int32: Int] = [:]
  private var versions = 0
  /// Globals that change where this function sets them and nowhere else.
  private let fixed: Set<Int32>
  private var fixedVersions: [Int32: Int] = [:]
  /// Globals that have been written.
  private(set) var setGlobals: Set<Int32> = []
  private var undo: [Undo] = []

  init(fixed: Set<Int32>) {
    self.fixed = fixed
    held = [Value?](repeating: nil, count: 256)
  }

  /// Several ways lead to a place: only these registers, and what is known of values, are as they
  /// were, and memory is not.
  mutating func forget(allBut kept: RegisterSet) {
    for register in UInt8.min...UInt8.max
    where held[Int(register)] != nil && !kept.contains(register) {
      forget(register)
    }
    forgetMemory()
  }

  var mark: Int { undo.count }

  mutating func rewind(to mark: Int) {
    while undo.count > mark, let last = undo.popLast() {
      switch last {
      case .register(let register, let value): held[Int(register)] = value
      case .kinds(let value, let mask): narrowed[value] = mask
      case .set(let global): setGlobals.remove(global)
      case .tables(let version): tables = version
      case .global(let global, let version): globals[global] = version
      case .globals(let all, let each):
        allGlobals = all
        globals = each
      case .fixed(let global, let version): fixedVersions[global] = version
      }
    }
  }

  // MARK: - Registers

  func value(of register: UInt8) -> Value? { held[Int(register)] }

  /// - Parameter isHome: false keeps others from reading the value there.
  mutating func set(_ register: UInt8, to value: Value, isHome: Bool = true) {
    undo.append(.register(register, held[Int(register)]))
    held[Int(register)] = value
    guard isHome, !(homes[value]?.contains(register) ?? false) else { return }
    homes[value, default: []].append(register)
  }

  mutating func forget(_ register: UInt8) {
    undo.append(.register(register, held[Int(register)]))
    held[Int(register)] = nil
  }

  /// The registers that hold a value, the one that had it first in front.
  func registers(of value: Value) -> [UInt8] {
    (homes[value] ?? []).filter { held[Int($0)] == value }
  }

  /// All that hold one value hold another: a branch has shown that they are equal.
  mutating func replace(_ value: Value, by other: Value) {
    for register in registers(of: value) { set(register, to: other) }
  }

  // MARK: - Kinds

  func kinds(_ value: Value, _ table: ValueTable) -> KindMask {
    narrowed[value] ?? table.kinds[value]
  }

  mutating func narrow(_ value: Value, to mask: KindMask, _ table: ValueTable) {
    let old = kinds(value, table)
    let new = old.intersection(mask)
    // Of what cannot be nothing is believed.
    guard new != old, !new.isEmpty else { return }
    undo.append(.kinds(value, narrowed[value]))
    narrowed[value] = new
  }

  // MARK: - Memory

  mutating func forgetTables() {
    undo.append(.tables(tables))
    versions += 1
    tables = versions
  }

  mutating func forgetGlobal(_ global: Int32) {
    if fixed.contains(global) {
      undo.append(.fixed(global, fixedVersions[global]))
      versions += 1
      fixedVersions[global] = versions
      return
    }
    undo.append(.global(global, globals[global]))
    versions += 1
    globals[global] = versions
  }

  mutating func noteSet(_ global: Int32) {
    if setGlobals.insert(global).inserted { undo.append(.set(global)) }
  }

  mutating func forgetMemory() {
    forgetTables()
    undo.append(.globals(allGlobals, globals))
    versions += 1
    allGlobals = versions
    globals = [:]
  }

  /// What the memory that an instruction reads is like; 0 when it reads none.
  func version(_ source: Effects.Source, _ imm: Int32) -> Int {
    switch source {
    case .operands, .time: 0
    case .tables: tables
    case .global: fixed.contains(imm) ? fixedVersions[imm] ?? 0 : globals[imm] ?? allGlobals
    }
  }
}
