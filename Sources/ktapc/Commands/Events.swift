// SPDX-License-Identifier: GPL-2.0-or-later
import ArgumentParser
import Events
import Foundation
import Targets

struct EventsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "events", abstract: "List the events that a board has, and their fields.",
    discussion: """
      The board's catalogue is imported once by `ktap-run --list | ktapc target import NAME -`. \
      On the board itself `ktap-run --list [GLOB]` says the same.
      """)

  @Argument(help: "Events by name, with * and ?: all if it is left out.")
  var glob: String?

  @Option(help: ArgumentHelp("The board; `ktapc target list` shows them.", valueName: "name"))
  var target: String

  @Flag(name: .shortAndLong, help: "The names only.")
  var quiet = false

  func run() throws {
    let found = try catalogue(of: target).events.filter { event in
      glob.map { Glob.matches(event.name, pattern: $0) } ?? true
    }
    guard !found.isEmpty else {
      throw Failure(.unsupported, "\(target) has no event that matches '\(glob ?? "*")'")
    }
    for event in found {
      print(event.name)
      if quiet { continue }
      for field in event.fields { print("    \(field.name): \(field.type)") }
    }
  }
}

/// The events of a board.
func catalogue(of target: String) throws -> EventCatalogue {
  let root = try ProjectRoot.find()
  guard try boards().contains(where: { $0.name == target }) else {
    throw Failure(.usage, "there is no board '\(target)'; `ktapc target list` shows them")
  }
  let file = EventCatalogue.file(ofBoard: target, inProject: root)
  guard FileManager.default.fileExists(atPath: file.path) else {
    throw Failure(
      .usage,
      "there is no catalogue of \(target): make one by 'ktap-run --list' on the board and "
        + "'ktapc target import \(target) FILE'")
  }
  do {
    return try EventCatalogue(text: String(decoding: Files.read(file.path), as: UTF8.self))
  } catch let problem as EventCatalogue.Problem {
    throw Failure(.usage, "\(file.path): \(problem.description)")
  }
}
