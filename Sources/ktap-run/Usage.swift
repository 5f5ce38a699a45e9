// SPDX-License-Identifier: GPL-2.0-or-later
import CAgent
import CKtap
import Report

private let version: StaticString = "0.5.0"

private let usage: StaticString = """
  usage: ktap-run [OPTION...] BUNDLE [ARG...] [-- COMMAND...]
         ktap-run [OPTION...] --record FILE EVENT... [-- COMMAND...]
         ktap-run --status | --list [GLOB]

  Runs a compiled script in this kernel and prints what it says until Ctrl-C, exit(),
  the end of COMMAND or of the duration. BUNDLE is a .ktapb file; - is the standard input.
  With COMMAND only it and what it starts are traced.

    -p, --pid PID        trace this process only
        --children       with -p, trace its children too
    -C, --cpu CPU        trace this CPU only
        --cgroup FOLDER  trace what runs in this cgroup only
    -T, --timestamps     begin each line with its time
    -o, --output FILE    write the output there
        --json           print one JSON object a line
        --duration TIME  end after this time: 10s, 500ms, 2m; a bare number is seconds
        --all            with COMMAND, trace every process
        --check          load and attach, but start nothing
        --record FILE    write these events there, for ktapc run --events FILE; root only
        --status         show the programs that are loaded, and how they fare
        --list [GLOB]    list the events of this kernel with their fields
    -q, --quiet          print the script's output and errors only
    -v, --verbose        say what is done
    -V, --version        print the versions of ktap-run and of the kernel module
    -h, --help           print this

  Exit status: 0 success, 1 run-time error of the script, 2 wrong usage, 4 the bundle is
  refused, 5 this kernel cannot do it, 128+N ended by signal N; exit(n) gives n.

  """

func writeUsage() {
  var text = ByteBuffer()
  text.append(usage)
  _ = writeAll(text.bytes, to: CAGENT_STDOUT)
}

/// Versions of agent and module; 0, or 1 when they cannot be written.
func writeVersion() -> Int32 {
  var text = ByteBuffer()
  text.append("ktap-run ")
  text.append(version)
  text.append("\n")
  let device = cagent_open_device()
  if device >= 0 {
    var module = ktap_ioc_version()
    if cagent_version(device, &module) >= 0 {
      text.append("ktapvm ")
      withUnsafeBytes(of: &module.release) { text.append(upToNUL($0)) }
      text.append("\n")
    }
    cagent_close(device)
  }
  return writeAll(text.bytes, to: CAGENT_STDOUT) == 0
    ? ExitCode.success : ExitCode.runTimeError
}

/// `--status` and `--list`: the kernel's own words, of the events only those that match.
func show(_ path: StaticString, matching glob: CText?) -> Int32 {
  let path = UnsafeRawPointer(path.utf8Start).assumingMemoryBound(to: CChar.self)
  let result = cagent_show(path, glob)
  if result > 0 { return ExitCode.success }
  if result == 0 {
    Message("no event matches").say()
  } else {
    report("", file: path, error: result)
  }
  return ExitCode.unsupported
}

/// The bytes before the first NUL.
func upToNUL(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
  var length = 0
  while length < bytes.count, bytes[length] != 0 { length += 1 }
  return UnsafeRawBufferPointer(rebasing: bytes[0..<length])
}
