// SPDX-License-Identifier: GPL-2.0-or-later
import CAgent

/// The entry point. SwiftPM makes `main` an alias of `<module>_main`; it is written as a C function
/// because Embedded Swift has no `CommandLine`.
@c(ktap_run_main)
public func agentMain(
  _ count: CInt, _ vector: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> CInt {
  cagent_open_standard_files()
  var words = ArgumentWords(vector, count: Int(count))
  switch parseOptions(&words) {
  case .failure(let problem): return problem.report()
  case .help:
    writeUsage()
    return ExitCode.success
  case .version: return writeVersion()
  case .status: return show("/proc/ktap/programs", matching: nil)
  case .list(let glob): return show("/proc/ktap/events", matching: glob)
  case .run(let options):
    var agent = Agent(options)
    return agent.run()
  }
}
