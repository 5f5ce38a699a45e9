// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import Foundation
import Simulator

/// How many instructions the handlers of a program took: what optimisation is measured by.
final class ExecutionCounts {
  private struct Count {
    var runs: UInt64 = 0
    var instructions: UInt64 = 0
    var fuel: UInt64 = 0
  }

  private var counts: [UInt32: Count] = [:]

  func add(_ execution: Simulation.Execution) {
    counts[execution.function, default: Count()].runs += 1
    counts[execution.function, default: Count()].instructions += execution.instructions
    counts[execution.function, default: Count()].fuel += execution.fuel
  }

  /// A line for each function that ran: runs, instructions and fuel of all, instructions of a run,
  /// name, with tabs between.
  func table(_ program: Program) -> String {
    var table = "runs\tinstructions\tfuel\ta run\tfunction\n"
    for (function, count) in counts.sorted(by: { $0.key < $1.key }) {
      let name = program.functions[Int(function)].name.string
      let average = String(format: "%.2f", Double(count.instructions) / Double(count.runs))
      table += "\(count.runs)\t\(count.instructions)\t\(count.fuel)\t\(average)\t\(name)\n"
    }
    return table
  }
}
