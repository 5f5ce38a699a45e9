// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CKtap
import Optimizer

/// Makes a program of an analysed script: numbers globals, table sites and functions, collects
/// constants, and computes the policy.
final class ProgramGenerator {
  let script: AnalyzedScript
  let source: SourceText
  let options: CompileOptions
  var diagnostics: Diagnostics
  var program: Program

  private var integerIndex: [Int64: Int] = [:]
  private var stringIndex: [Text: Int] = [:]
  private var fieldIndex: [FieldReference: Int] = [:]
  private var formatIndex: [OutputFormat: Int] = [:]

  init(
    _ script: AnalyzedScript, source: SourceText, options: CompileOptions, diagnostics: Diagnostics
  ) {
    self.script = script
    self.source = source
    self.options = options
    self.diagnostics = diagnostics
    let file = source.name.split(separator: "/").last.map(String.init) ?? ""
    let name = Text(options.name ?? ProgramGenerator.bundleName(file))
    program = Program(
      manifest: Manifest(
        name: name, version: Text(options.version),
        sourceName: ProgramGenerator.printable(file, most: 255), sequence: options.sequence,
        notBefore: options.notBefore, notAfter: options.notAfter))
  }

  /// A name as bundles may contain it: no control characters, not too long.
  static func printable(_ name: String, most: Int) -> Text {
    var bytes: [UInt8] = []
    for scalar in name.unicodeScalars {
      let visible = scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) ? "_" : scalar
      let encoded = Array(String(visible).utf8)
      guard bytes.count + encoded.count <= most else { break }
      bytes += encoded
    }
    return Text(bytes: bytes)
  }

  /// A bundle's name from a file's: without extension, other characters replaced.
  static func bundleName(_ file: String) -> String {
    var bytes = Array(file.utf8)
    if let dot = bytes.lastIndex(of: UInt8(ascii: ".")), dot > 0 { bytes.removeSubrange(dot...) }
    bytes = bytes.prefix(64).map { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "-"):
        byte
      default: UInt8(ascii: "_")
      }
    }
    // "<command line>"
    let trimmed = String(decoding: bytes, as: UTF8.self)
    return trimmed.isEmpty || file.hasPrefix("<") ? "script" : trimmed
  }

  func generate() -> Program {
    numberGlobals()
    for (index, unit) in script.units.enumerated() { unit.index = index }
    for unit in script.units {
      program.functions.append(FunctionGenerator.generate(unit, in: self))
    }
    checkModifyArguments()
    if !diagnostics.hasErrors { Optimizer.run(&program, isEnabled: options.optimizes) }
    for probe in script.probes {
      program.probes.append(
        Probe(
          kind: probe.kind, function: UInt32(probe.unit.index ?? 0), event: Text(probe.event),
          interval: probe.interval,
          line: probe.kind == .main ? 0 : line(probe.range)))
    }
    declareArguments()
    setLimits()
    program.policy.capabilities = options.capabilities.union(neededCapabilities())
    checkCounts()
    return program
  }

  /// Whether a handler's events all have the fields that it names: of several that a pattern
  /// matches, some may lack one, which is an error when it is loaded.
  func hasCertainFields(_ handler: FunctionUnit) -> Bool {
    !script.probes.contains { probe in
      probe.unit === handler && probe.event.utf8.contains { "*?".utf8.contains($0) }
    }
  }

  func line(_ range: SourceRange) -> UInt32 { UInt32(source.line(at: range.start)) }

  private func numberGlobals() {
    for variable in script.globals {
      variable.globalIndex = program.globals.count
      program.globals.append(
        Global(
          name: Text(variable.name), mask: variable.mask.isEmpty ? .nil : variable.mask,
          line: line(variable.firstAssignment ?? variable.range)))
    }
  }

  // MARK: - Constants

  func integer(_ value: Int64) -> Int32 {
    if let known = integerIndex[value] { return Int32(known) }
    integerIndex[value] = program.integers.count
    program.integers.append(value)
    return Int32(program.integers.count - 1)
  }

  func string(_ text: Text) -> Int32 {
    if let known = stringIndex[text] { return Int32(known) }
    stringIndex[text] = program.strings.count
    program.strings.append(text)
    return Int32(program.strings.count - 1)
  }

  func field(_ name: String, _ mask: KindMask, isShown: Bool = false) -> Int32 {
    let reference = FieldReference(name: Text(name), mask: mask, isShown: isShown)
    if let known = fieldIndex[reference] { return Int32(known) }
    fieldIndex[reference] = program.fields.count
    program.fields.append(reference)
    return Int32(program.fields.count - 1)
  }

  func format(_ format: OutputFormat) -> Int32 {
    if let known = formatIndex[format] { return Int32(known) }
    formatIndex[format] = program.formats.count
    program.formats.append(format)
    return Int32(program.formats.count - 1)
  }

  func site(_ node: TableSiteNode) -> Int32 {
    if let known = node.index { return Int32(known) }
    let shape = node.shape.root
    var keys = shape.keys.map { $0.isEmpty ? KindMask.key : $0 }
    if keys.isEmpty { keys = [.key] }
    let value = shape.value.intersection(.storable).subtracting(.nil)
    node.index = program.tables.count
    if shape.value.contains(.aggregate) {
      program.tables.append(aggregateSite(node, keys))
      return Int32(program.tables.count - 1)
    }
    program.tables.append(
      TableSite(
        keys: keys, value: value.isEmpty ? .integer : value, entries: node.entries,
        line: line(node.range)))
    return Int32(program.tables.count - 1)
  }

  // MARK: - Policy

  private func declareArguments() {
    for argument in options.arguments {
      switch argument {
      case .integer(let range):
        program.policy.arguments.append(
          ArgumentDeclaration(kind: .integer, least: range.lowerBound, most: range.upperBound))
      case .integerChoice(let values):
        program.policy.arguments.append(
          ArgumentDeclaration(
            kind: .integer, firstChoice: UInt32(program.integers.count),
            choiceCount: UInt32(values.count)))
        program.integers += values
      case .string:
        program.policy.arguments.append(ArgumentDeclaration(kind: .string, least: 0, most: 0))
      case .stringChoice(let values):
        program.policy.arguments.append(
          ArgumentDeclaration(
            kind: .string, least: 0, most: 0, firstChoice: UInt32(program.strings.count),
            choiceCount: UInt32(values.count)))
        program.strings += values
      }
    }
  }

  /// The value of a limit: the caller's, the script's, or nil; the caller's is checked here.
  private func limit(_ name: String, _ option: Int64?) -> Int64? {
    guard let option else { return script.limits[name]?.value }
    guard let range = Limits.ranges[name] else { return nil }
    if let problem = Limits.problem(name, option, range) {
      diagnostics.error(problem, at: SourceRange(0, 0))
      return nil
    }
    return option
  }

  private func setLimits() {
    let needsMemory =
      !program.tables.isEmpty || program.globals.contains { $0.mask.contains(.string) }
      || program.functions.contains { $0.registers.contains { $0.contains(.stack) } }
    let limits = options.limits
    let memory = limit("memory", limits.memory)
    if needsMemory { program.policy.memory = memory.map { UInt32($0) } ?? KTAP_DEFAULT_MEMORY }
    if let fuel = limit("fuel", limits.fuel) { program.policy.probeFuel = UInt32(fuel) }
    if let string = limit("string", limits.string) { program.policy.stringLimit = UInt32(string) }
    if let key = limit("key", limits.key) { program.policy.keyLimit = UInt32(key) }
    if let rate = limit("rate", limits.rate) { program.policy.eventRate = UInt32(rate) }
    if let ring = limit("ring", limits.ring) { program.policy.ring = UInt32(ring) }
  }

  /// What the verifier will compute.
  private func neededCapabilities() -> Capabilities {
    var needed: Capabilities = []
    var emitsList = false
    var listsEvents = false
    if program.probes.contains(where: { $0.kind == .event }) { needed.insert(.observe) }
    for function in program.functions {
      for instruction in function.code {
        switch instruction.op {
        case Opcode(KTAP_OP_EFIELD):
          if program.fields[Int(instruction.imm)].mask.contains(.string) {
            needed.insert(.userData)
          }
        case Opcode(KTAP_OP_EMIT):
          if passesEvent(instruction, of: function, from: 0) { needed.insert(.userData) }
        case Opcode(KTAP_OP_LEMIT): emitsList = true
        case Opcode(KTAP_OP_RET):
          if function.registers[Int(instruction.a)].contains(.event) { listsEvents = true }
        case Opcode(KTAP_OP_LSET), Opcode(KTAP_OP_LPRE), Opcode(KTAP_OP_CALLV),
          Opcode(KTAP_OP_CALLVL), Opcode(KTAP_OP_TCALLV):
          if passesEvent(instruction, of: function, from: 0) { listsEvents = true }
        case Opcode(KTAP_OP_CALL), Opcode(KTAP_OP_CALLL), Opcode(KTAP_OP_TCALL):
          let parameters = program.functions[Int(instruction.imm)].parameterCount
          if passesEvent(instruction, of: function, from: parameters) { listsEvents = true }
        case Opcode(KTAP_OP_LIB):
          if let called = LibraryFunction(rawValue: UInt32(bitPattern: instruction.imm)) {
            needed.formUnion(called.capability)
          }
        default: break
        }
      }
    }
    if emitsList, listsEvents { needed.insert(.userData) }
    return needed
  }

  /// Whether a register of the run, from its `start` on, may hold an event.
  private func passesEvent(
    _ instruction: Instruction, of function: Bytecode.Function, from start: Int
  ) -> Bool {
    let first = Int(instruction.b)
    guard start < Int(instruction.c) else { return false }
    return function.registers[(first + start)..<(first + Int(instruction.c))].contains {
      $0.contains(.event)
    }
  }

  private func checkCounts() {
    // `places` are those of the single things, where they are known.
    func check(_ count: Int, _ most: UInt32, _ what: String, at places: [SourceRange] = []) {
      if count <= Int(most) { return }
      let place = Int(most) < places.count ? places[Int(most)] : SourceRange(0, 0)
      diagnostics.error(
        "the script has \(count) \(what), but a program can have \(most)", at: place)
    }
    check(
      program.functions.count, KTAP_MAX_FUNCTIONS, "functions and handlers",
      at: script.units.map(\.range))
    check(program.globals.count, KTAP_MAX_GLOBALS, "globals", at: script.globals.map(\.range))
    check(program.tables.count, KTAP_MAX_TABLES, "places that make tables")
    check(program.fields.count, KTAP_MAX_FIELDS, "event fields")
    check(program.probes.count, KTAP_MAX_PROBES, "probes", at: script.probes.map(\.range))
    check(program.formats.count, KTAP_MAX_FORMATS, "output formats")
    check(program.integers.count, KTAP_MAX_INTEGERS, "integer constants")
    check(program.strings.count, KTAP_MAX_STRINGS, "string constants")
    check(program.policy.arguments.count, KTAP_MAX_ARGUMENTS, "arguments")
    let name = program.manifest.name
    if name.isEmpty || name.bytes.count > 64
      || name != Text(ProgramGenerator.bundleName(name.string + ".kp"))
    {
      diagnostics.error(
        "a bundle's name has 1 to 64 letters, digits, '.', '_', '-'", at: SourceRange(0, 0))
    }
    check(program.functions.reduce(0) { $0 + $1.code.count }, KTAP_MAX_INSNS, "instructions")
    for text in program.strings where text.bytes.count > Int(program.policy.stringLimit) {
      diagnostics.error(
        "a string constant has \(text.bytes.count) bytes, but the limit is "
          + "\(program.policy.stringLimit): set 'limit string'", at: place(of: text))
    }
  }

  /// The first expression that is this string.
  private func place(of text: Text) -> SourceRange {
    func find(_ expression: Expr) -> SourceRange? {
      if case .string(text) = expression.op { return expression.range }
      return expression.children.lazy.compactMap(find).first
    }
    func find(_ statement: Stmt) -> SourceRange? {
      statement.expressions.lazy.compactMap(find).first
        ?? statement.inner.lazy.compactMap { find($0) }.first
    }
    return script.units.lazy.flatMap(\.body).compactMap { find($0) }.first ?? SourceRange(0, 0)
  }
}
