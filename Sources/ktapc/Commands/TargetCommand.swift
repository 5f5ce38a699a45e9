// SPDX-License-Identifier: GPL-2.0-or-later
import ArgumentParser
import Foundation
import Targets

struct TargetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "target", abstract: "Show the boards that `run --on qemu:` knows.",
    subcommands: [List.self, Show.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the boards, one a line.")

    func run() throws {
      for board in try boards() {
        let name = board.name.padding(
          toLength: max(board.name.count, 12), withPad: " ", startingAt: 0)
        print("\(name)  \(board.summary)")
      }
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show the settings of a board.")

    @Argument(help: "The board.")
    var name: String

    @Flag(help: "Print a JSON object.")
    var json = false

    func run() throws {
      guard let board = try boards().first(where: { $0.name == name }) else {
        throw Failure(.usage, "there is no board '\(name)'; `ktapc target list` shows them")
      }
      if json {
        var object = ["name": board.name, "summary": board.summary]
        for setting in board.settings { object[setting.name] = setting.value }
        try printJSON(object)
        return
      }
      print("name=\(board.name)")
      for setting in board.settings { print("\(setting.name)=\(setting.value)") }
    }
  }
}

private func boards() throws -> [Board] {
  do {
    return try Board.all(inProject: ProjectRoot.find())
  } catch let problem as Board.Problem {
    throw Failure(.usage, problem.description)
  }
}
