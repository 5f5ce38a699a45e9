// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CAgent
import CKtap
import Report

/// One run: from the bundle's file to the exit code. Each step that fails has said why on stderr.
struct Agent {
  private let options: Options
  private var child = cagent_child(pid: 0, gate: -1, report: -1)

  init(_ options: Options) {
    self.options = options
  }

  mutating func run() -> Int32 {
    let bundle: [UInt8]
    let path: CText
    if options.records {
      bundle = recordingBundle(options.arguments)
      path = cagent_recorder_name
    } else if let file = options.bundle, let bytes = readBundle(file) {
      bundle = bytes
      path = file
    } else {
      return ExitCode.usage
    }
    let device = cagent_open_device()
    guard device >= 0 else { return reportMissing(device) }
    var version = ktap_ioc_version()
    let known = cagent_version(device, &version)
    guard known >= 0, version.abi == UInt32(KTAP_ABI_VERSION) else {
      Message("the kernel module ktapvm is of another version than this ktap-run").say()
      return ExitCode.unsupported
    }
    let problem = cagent_catch_signals()
    guard problem >= 0 else {
      report("no signals: ", file: nil, error: problem)
      return ExitCode.unsupported
    }
    // The command is forked first: the program is told its process id. It waits until tracing runs.
    if let command = options.command, !options.checksOnly {
      let result = cagent_child_fork(&child, command)
      guard result >= 0 else {
        report("cannot start a process: ", file: nil, error: result)
        return ExitCode.unsupported
      }
    }
    let code = loadAndTrace(device, path, bundle, cpus: Int(version.cpus))
    return code
  }

  private mutating func loadAndTrace(
    _ device: Int32, _ path: CText, _ bytes: [UInt8], cpus: Int
  ) -> Int32 {
    defer { cagent_child_terminate(&child) }
    // What is no bundle goes to the kernel all the same: it decides, in its words.
    let bundle = try? Bundle(bytes)
    do {
      let program = try Program.load(
        device: device, bundle: bytes,
        arguments: options.records ? [] : scriptArguments(options.arguments, bundle),
        options: options, command: options.tracesAll ? 0 : child.pid)
      cagent_close(device)
      if options.children || options.cgroup != nil {
        var cgroup: Int32 = -1
        if let path = options.cgroup {
          cgroup = cagent_open(path)
          guard cgroup >= 0 else {
            report("", file: path, error: cgroup)
            return ExitCode.usage
          }
        }
        try program.narrow(options, cgroup: cgroup)
      }
      guard let bundle, let text = try? ProgramText(bundle) else {
        return refuse(path, "the bundle cannot be read")
      }
      return try trace(program, text, bundle, cpus: cpus)
    } catch {
      return explain(error, path)
    }
  }

  private mutating func trace(
    _ program: Program, _ text: ProgramText, _ bundle: Bundle, cpus: Int
  ) throws(KernelRefusal) -> Int32 {
    let events: UInt32
    do {
      events = try program.attach()
    } catch {
      return explainAttach(error, text, bundle)
    }
    if options.checksOnly {
      return options.isQuiet ? ExitCode.success : sayUsable(text, events)
    }
    let rings: MappedRings
    do {
      rings = try MappedRings(program: program.descriptor, cpus: cpus)
    } catch {
      report("cannot map the rings: ", file: nil, error: error.error)
      return ExitCode.unsupported
    }
    let file = options.output.map { cagent_create($0) } ?? CAGENT_STDOUT
    guard file >= 0 else {
      report("", file: options.output, error: file)
      return ExitCode.usage
    }
    var report = ReportOptions()
    report.json = options.json
    report.timestamps = options.timestamps
    report.columns = Int(cagent_columns(file))
    report.isTerminal = cagent_is_terminal(file)
    let reporter = Reporter(
      program: text, options: report, host: Output(program: program, file: file))
    try program.start()
    if options.isVerbose {
      sayTracing(events, memory: program.status().memory)
    } else if !options.isQuiet, events > 0, cagent_is_terminal(CAGENT_STDERR) {
      Message("tracing, Ctrl-C ends it").say()
    }
    var session = Session(
      program: program, reporter: reporter, rings: rings, options: options, hasEvents: events > 0)
    return session.run(&child)
  }

  /// The result of --check.
  private func sayUsable(_ text: ProgramText, _ events: UInt32) -> Int32 {
    var line = ByteBuffer()
    line.append(text.sourceName.bytes)
    line.append(": can be run, ")
    line.append(unsigned: UInt64(events))
    line.append(events == 1 ? " event\n" : " events\n")
    return writeAll(line.bytes, to: CAGENT_STDOUT) == 0
      ? ExitCode.success : ExitCode.unsupported
  }

  /// `memory`: bytes that the kernel holds for the program, without its rings.
  private func sayTracing(_ events: UInt32, memory: UInt64) {
    var message = Message("tracing, events: ")
    message.text.append(unsigned: UInt64(events))
    message.text.append(", bytes in the kernel: ")
    message.text.append(unsigned: memory)
    message.say()
  }

  private func reportMissing(_ error: Int32) -> Int32 {
    switch cagent_classify(error) {
    case CAGENT_MISSING:
      Message(
        """
        the kernel module ktapvm is not loaded (/dev/ktap is missing)
        ktap-run: load it as root with 'modprobe ktapvm' or 'insmod ktapvm.ko'
        """
      ).say()
    case CAGENT_DENIED, CAGENT_NOT_PERMITTED:
      Message(
        "/dev/ktap: permission denied; root may open it, and the members of its group"
      ).say()
    default: report("/dev/ktap: ", file: nil, error: error)
    }
    return ExitCode.unsupported
  }

  private func refuse(_ path: CText, _ sentence: StaticString) -> Int32 {
    var message = Message()
    message.text.append(bytes(of: path))
    message.text.append(": ")
    message.text.append(sentence)
    message.say()
    return ExitCode.refused
  }

  /// A refusal of LOAD or START.
  private func explain(_ refusal: KernelRefusal, _ path: CText) -> Int32 {
    var message = Message()
    message.text.append(bytes(of: path))
    message.text.append(": ")
    append(refusal, to: &message)
    message.say()
    switch refusal.kind {
    case CAGENT_REFUSED, CAGENT_NOT_PERMITTED: return ExitCode.refused
    case CAGENT_INVALID: return ExitCode.usage
    default: return ExitCode.unsupported
    }
  }

  /// A refusal of ATTACH, with the line of the script that asks for the event.
  private func explainAttach(
    _ refusal: KernelRefusal, _ text: ProgramText, _ bundle: Bundle
  ) -> Int32 {
    var message = Message()
    message.text.append(text.sourceName.bytes)
    if !options.records, let probe = refusal.probe, let line = bundle.line(ofProbe: probe) {
      message.text.append(":")
      message.text.append(unsigned: UInt64(line))
    }
    message.text.append(": ")
    append(refusal, to: &message)
    message.say()
    return ExitCode.unsupported
  }

  private func append(_ refusal: KernelRefusal, to message: inout Message) {
    if refusal.sentence.count > 0 {
      message.text.append(refusal.sentence.bytes)
    } else {
      message.text.append(cString: cagent_error_text(refusal.error))
    }
  }
}
