// SPDX-License-Identifier: GPL-2.0-or-later
import ArgumentParser
import Foundation
import Targets

struct TargetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "target", abstract: "Show the boards that `run --on qemu:` knows.",
    subcommands: [List.self, Show.self, Import.self])

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

extension TargetCommand {
  struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Keep the events of a board for `ktapc events`.")

    @Argument(help: "The board.")
    var name: String

    @Argument(help: "What `ktap-run --list` printed there; - is the standard input.")
    var file: String

    func run() throws {
      guard try boards().contains(where: { $0.name == name }) else {
        throw Failure(.usage, "there is no board '\(name)'; `ktapc target list` shows them")
      }
      let text = String(decoding: try Files.read(file), as: UTF8.self)
      let count: Int
      do {
        count = try EventCatalogue(text: text).events.count
      } catch {
        throw Failure(.usage, "\(file): \(error.description)")
      }
      let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.sorted()
      let tag: Substring = "# SPDX-License-Identifier: GPL-2.0-or-later"
      let path = EventCatalogue.file(ofBoard: name, inProject: try ProjectRoot.find()).path
      try Files.write(Array((([tag] + lines).joined(separator: "\n") + "\n").utf8), to: path)
      print("\(name): \(count) events")
    }
  }
}

/// All boards of the project.
func boards() throws -> [Board] {
  do {
    return try Board.all(inProject: ProjectRoot.find())
  } catch let problem as Board.Problem {
    throw Failure(.usage, problem.description)
  }
}
