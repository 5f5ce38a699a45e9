// SPDX-License-Identifier: GPL-2.0-or-later
import CKtap
import Testing

@testable import Bytecode

/// No cryptography: enough to see that the digest covers every byte.
private func checksum(_ bytes: [UInt8]) -> [UInt8] {
  var state = [UInt8](repeating: 0, count: 32)
  for (index, byte) in bytes.enumerated() {
    state[index % 32] = state[index % 32] &* 31 &+ byte &+ UInt8(truncatingIfNeeded: index)
  }
  return state
}

private func sample(source: Bool = true) -> Program {
  var program = Program(
    manifest: Manifest(
      name: "count", version: "1.2", sourceName: "count.kp", sequence: 7, notBefore: 1,
      notAfter: 2_000_000_000))
  program.policy.capabilities = [.observe, .userData]
  program.policy.memory = 1 << 20
  program.policy.eventRate = 100
  program.policy.arguments = [
    ArgumentDeclaration(kind: .integer, least: -1, most: 60),
    ArgumentDeclaration(kind: .string, firstChoice: 0, choiceCount: 1),
  ]
  program.integers = [Int64.min, 1 << 40]
  program.strings = ["hello", Text(bytes: [0, 255, 10])]
  program.globals = [Global(name: "n", mask: .table, line: 3)]
  program.tables = [TableSite(keys: [.string, [.integer, .string]], value: .integer, line: 3)]
  program.functions = [
    Function(
      name: "main", registers: [.table], parameterCount: 0, result: .nil, line: 1,
      code: [
        Instruction(KTAP_OP_TNEW), Instruction(KTAP_OP_SETG), Instruction(KTAP_OP_RETNIL),
      ], lines: [3, 3, 4]),
    Function(
      name: "trace syscalls:*", registers: [.event, .string], parameterCount: 1, result: .nil,
      line: 5,
      code: [
        Instruction(KTAP_OP_EFIELD, a: 1),
        Instruction(KTAP_OP_EMIT, b: 0, c: 2),
        Instruction(KTAP_OP_JMP, imm: -3),
      ], lines: [5, 5, 6]),
  ]
  program.fields = [FieldReference(name: "filename", mask: .string)]
  program.probes = [
    Probe(kind: .main, function: 0, line: 1),
    Probe(kind: .event, function: 1, event: "syscalls:*", line: 5),
    Probe(kind: .tick, function: 0, interval: 1_000_000_000, line: 8),
  ]
  program.formats = [
    OutputFormat(kind: .print, valueCount: 2),
    OutputFormat(kind: .printf, valueCount: 1, text: "%d\n"),
  ]
  if source { program.source = CompressedSource(length: 3, zlib: [1, 2, 3, 4, 5]) }
  return program
}

private func file(cms: [UInt8] = [], source: Bool = true) throws -> [UInt8] {
  Bundle.assemble(signedPart: try sample(source: source).encode(sha256: checksum), cms: cms)
}

@Suite struct BundleTests {
  @Test(arguments: [true, false]) func roundTrip(source: Bool) throws {
    let bundle = try Bundle(try file(source: source))
    #expect(try bundle.program() == sample(source: source))
    #expect(bundle.cms == nil)
    #expect(bundle.hasSource == source)
    try bundle.checkDigest(sha256: checksum)
  }

  @Test func encodingIsReproducible() throws {
    let first = try Bundle(try file())
    #expect(try first.program().encode(sha256: checksum) == first.signedPart)
  }

  @Test func signatureIsSplitOff() throws {
    let unsigned = try Bundle(try file())
    let signed = try Bundle(Bundle.assemble(signedPart: unsigned.signedPart, cms: [9, 8, 7]))
    #expect(signed.cms == [9, 8, 7])
    #expect(signed.signedPart == unsigned.signedPart)
    #expect(signed.digest == unsigned.digest)
  }

  @Test func numbersAreLittleEndianAndAligned() throws {
    let bytes = try file(cms: [1])
    #expect(Array(bytes[0..<8]) == Array("KTAPB\r\n".utf8) + [0x1A])
    #expect(Array(bytes[8..<16]) == [1, 0, 0, 0, 15, 0, 0, 0])
    let bundle = try Bundle(bytes)
    #expect(bundle.signedLength % 8 == 0)
    #expect(bundle.range(.manifest).lowerBound == 64 + 15 * 24)
    // The manifest's name points at the first bytes of TEXT.
    let manifest = bundle.range(.manifest).lowerBound
    #expect(Array(bytes[manifest..<(manifest + 8)]) == [0, 0, 0, 0, 5, 0, 0, 0])
    let text = bundle.range(.text).lowerBound
    #expect(Array(bytes[text..<(text + 5)]) == Array("count".utf8))
  }

  @Test func everyTruncationIsRefused() throws {
    let bytes = try file(cms: [1, 2, 3])
    for length in 0..<bytes.count {
      #expect(throws: BundleError.self) { try Bundle(Array(bytes[0..<length])) }
    }
  }

  @Test func addedBytesAreRefused() throws {
    let bytes = try file()
    #expect(throws: BundleError.self) { try Bundle(bytes + [0]) }
    #expect(throws: BundleError.self) { try Bundle(bytes + [UInt8](repeating: 0, count: 16)) }
    // Another trailer behind the trailer claims a signature that begins inside it.
    #expect(throws: BundleError.length) { try Bundle(Bundle.assemble(signedPart: bytes)) }
  }

  @Test func everyFlippedSignedBitIsFound() throws {
    let bytes = try file()
    let length = try Bundle(bytes).signedLength
    for index in 0..<length {
      for bit in 0..<8 {
        var flipped = bytes
        flipped[index] ^= 1 << UInt8(bit)
        #expect(throws: BundleError.self, "byte \(index) bit \(bit)") {
          try Bundle(flipped).checkDigest(sha256: checksum)
        }
      }
    }
  }

  @Test func sectionTableMustBeCanonical() throws {
    let bytes = try file()
    func entry(_ index: Int) -> Int { 64 + 24 * index }
    // Two sections that change places, one that overlaps the one before, one that leaves a gap.
    var swapped = bytes
    for offset in 0..<24 { swapped.swapAt(entry(0) + offset, entry(1) + offset) }
    #expect(throws: BundleError.sectionTable(1)) { try Bundle(swapped) }
    var overlapping = bytes
    overlapping[entry(1) + 8] -= 8
    #expect(throws: BundleError.sectionTable(2)) { try Bundle(overlapping) }
    var gap = bytes
    gap[entry(1) + 8] += 8
    #expect(throws: BundleError.sectionTable(2)) { try Bundle(gap) }
    var long = bytes
    long[entry(14) + 20] = 1
    #expect(throws: BundleError.sectionTable(15)) { try Bundle(long) }
    var missing = bytes
    missing[12] = 13
    #expect(throws: BundleError.sectionTable(13)) { try Bundle(missing) }
  }

  @Test func paddingAndReservedWordsMustBeZero() throws {
    let bytes = try file()
    let bundle = try Bundle(bytes)
    var padding = bytes
    padding[bundle.range(.source).upperBound] = 1
    #expect(throws: BundleError.reserved) { try Bundle(padding) }
    var header = bytes
    header[60] = 1
    #expect(throws: BundleError.reserved) { try Bundle(header) }
    var trailer = bytes
    trailer[bytes.count - 10] = 1
    #expect(throws: BundleError.reserved) { try Bundle(trailer) }
  }

  @Test func laterMajorVersionIsRefused() throws {
    var bytes = try file()
    bytes[8] = 2
    #expect(throws: BundleError.version(major: 2)) { try Bundle(bytes) }
  }

  @Test func textOutsideItsSectionIsRefused() throws {
    var bytes = try file()
    bytes[try Bundle(bytes).range(.manifest).lowerBound + 6] = 1
    #expect(throws: BundleError.section(1)) { try Bundle(bytes).manifest() }
  }

  @Test func limitsAreNamed() throws {
    var program = sample()
    program.functions[0].registers = [KindMask](repeating: .integer, count: 241)
    #expect(throws: BundleError.limit("registers of a function")) {
      try program.encode(sha256: checksum)
    }
    program = sample()
    program.manifest.name = ""
    #expect(throws: BundleError.invalid("the name")) { try program.encode(sha256: checksum) }
  }
}

@Suite struct DisassemblerTests {
  @Test func listingNamesWhatInstructionsUse() {
    let listing = Disassembler(sample(), source: "\n\nn = {}\n").listing()
    #expect(
      listing == """
        global 0 n: table
        table 0 [string, integer|string]: integer
        field 0 filename: string
        format 0 print, 2 values
        format 1 printf "%d\\n", 1 values
        main: main
        event syscalls:*: trace syscalls:*
        tick every 1000000000 ns: main

        function 0 main(): nil, line 1
          r0 table
          typed: 3 of 3 instructions
          ; 3: n = {}
          0000  TNEW    r0, table 0
          0001  SETG    r0, n
          ; 4: 
          0002  RETNIL

        function 1 trace syscalls:*(r0): nil, line 5
          r0 event, r1 string
          typed: 3 of 3 instructions
          0000  EFIELD  r1, r0, filename
          0001  EMIT    (r0..r1), format 0
          0002  JMP     -> 0000

        """)
  }

  @Test func everyOpcodeHasText() {
    let disassembler = Disassembler(sample())
    for number in UInt8(0)..<UInt8(KTAP_OP_COUNT.rawValue) {
      let instruction = Instruction(op: Opcode(rawValue: number), a: 0, b: 0, c: 0, imm: 0)
      let name = Opcode(rawValue: number).name ?? "missing"
      #expect(disassembler.instruction(instruction, at: 0).hasPrefix(name))
    }
    let unknown = Instruction(op: Opcode(rawValue: 255), a: 0, b: 0, c: 0, imm: 0)
    #expect(disassembler.instruction(unknown, at: 0) == "unknown opcode 255")
  }

  @Test func wideOperandsAreSigned() {
    var jump = Instruction(KTAP_OP_JLTI, a: 2, imm: 1)
    jump.wide = -2
    #expect(Disassembler(sample()).instruction(jump, at: 4) == "JLTI    r2, -2, -> 0006")
  }
}
