// SPDX-License-Identifier: GPL-2.0-or-later

/// Runs a bundle in this PC's kernel through the agent.
struct LocalRunner {
  let job: RunJob

  func run() throws {
    let file = try MemoryFile(job.bundle)
    try job.redirectOutput()
    try ChildProcess.replace(
      by: ["ktap-run"] + job.agentArguments(bundle: file.path),
      notFound: "it is not installed here")
  }
}
