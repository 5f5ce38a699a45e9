// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import Foundation

@testable import Optimizer

/// One file of `passes`: instructions, the passes that they go through, and what these make of
/// them. Lines in front of the first `---` begin with a word and a colon:
///
///     passes: values dead          see `PassCase.pass`
///     registers: r0 event, r1 nil|integer
///     parameters: 1
///     globals: n integer           and fields:, in the same way
///
/// Then follow the instructions as they were, `---`, and as they became, each with a number that jumps name.
struct PassCase {
  let before: Program
  let passes: [Substring]
  let expected: [String]

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("passes")

  static let names: [String] = {
    let all = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
    return (all ?? []).filter { $0.hasSuffix(".pass") }.sorted()
  }()

  init(_ name: String) throws {
    let text = try String(
      contentsOf: PassCase.folder.appendingPathComponent(name), encoding: .utf8)
    var parts: [[Substring]] = [[]]
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      if line.hasPrefix("---") { parts.append([]) } else { parts[parts.count - 1].append(line) }
    }
    guard parts.count == 3 else { throw Assembler.Failure(description: "three parts are needed") }
    var program = Program(manifest: Manifest(name: "test"))
    var registers: [KindMask] = []
    var parameters = 0
    var passes: [Substring] = []
    for line in parts[0] {
      let words = line.split(separator: ":", maxSplits: 1)
      let rest = words.count > 1 ? words[1] : ""
      switch words[0] {
      case "passes": passes = rest.split(separator: " ")
      case "registers": registers = try Assembler.masks(rest).map(\.mask)
      case "parameters": parameters = Int(rest.drop { $0 == " " }) ?? 0
      case "globals":
        program.globals = try Assembler.masks(rest).map {
          Global(name: Text($0.name), mask: $0.mask, line: 1)
        }
      case "fields":
        program.fields = try Assembler.masks(rest).map {
          FieldReference(name: Text($0.name), mask: $0.mask)
        }
      default: throw Assembler.Failure(description: "what is '\(line)'?")
      }
    }
    var function = Function(
      name: "f", registers: registers, parameterCount: parameters, result: .any, line: 1,
      code: [], lines: [])
    program.functions = [function]
    var assembler = Assembler(program)
    for (at, line) in parts[1].enumerated() {
      // Each instruction has a line of its own, which must stay with it.
      function.code.append(try assembler.instruction(PassCase.withoutNumber(line), at: at))
      function.lines.append(UInt32(at + 1))
    }
    program = assembler.program
    program.functions = [function]
    before = program
    self.passes = passes
    expected = parts[2].map { PassCase.normal($0) }
  }

  private static func withoutNumber(_ line: Substring) -> Substring {
    line.drop { $0 == " " || $0.isNumber }
  }

  private static func normal(_ line: Substring) -> String {
    line.split(separator: " ").joined(separator: " ")
  }

  /// The program behind the passes.
  func after() throws -> Program {
    var program = before
    var facts = ProgramFacts(program)
    var graph = FlowGraph(program.functions[0])
    graph.removeUnreachable()
    for pass in passes { try run(pass, &graph, &facts) }
    program.functions[0] = graph.function(program.functions[0])
    program.integers = facts.integers
    return program
  }

  private func run(
    _ pass: Substring, _ graph: inout FlowGraph, _ facts: inout ProgramFacts
  ) throws {
    switch pass {
    case "jumps": Jumps.run(&graph)
    case "values": ValuePass.run(&graph, &facts, isMain: true)
    case "hoisting": Hoisting.run(&graph, facts, isMain: true)
    case "fusion": Fusion.run(&graph)
    case "dead": DeadCode.run(&graph)
    case "coalescing": Coalescing.run(&graph)
    case "allocation": Allocation.run(&graph)
    case "unreachable": graph.removeUnreachable()
    default: throw Assembler.Failure(description: "there is no pass '\(pass)'")
    }
  }

  /// The instructions of the program as the files write them.
  static func listing(_ program: Program) -> [String] {
    let disassembler = Disassembler(program)
    return program.functions[0].code.enumerated().map { at, instruction in
      let number = String(at)
      let padded = String(repeating: "0", count: max(0, 4 - number.count)) + number
      return normal("\(padded) \(disassembler.instruction(instruction, at: at))")
    }
  }
}
