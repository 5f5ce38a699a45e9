// SPDX-License-Identifier: GPL-2.0-or-later
import Bytecode
import CVM

/// What the verifier found in a program.
public struct ProgramSummary: Sendable {
  /// An upper bound of instructions.
  public struct Cost: Equatable, Sendable, CustomStringConvertible {
    public let instructions: UInt64
    /// True when a loop or recursion leaves only the fuel limit as a bound.
    public let isFuelLimit: Bool

    public var description: String {
      isFuelLimit
        ? "\(instructions) instructions (fuel limit)"
        : "\(instructions) instructions (longest path)"
    }
  }

  public struct Probe: Sendable {
    public let kind: ProbeKind
    /// "system:name"; empty but for events.
    public let event: String
    /// Nanoseconds; 0 but for timers.
    public let interval: UInt64
    /// Index of its function.
    let function: UInt32
    /// Line of the script.
    public let line: UInt32
    public let cost: Cost

    /// How a user would name it.
    public var name: String {
      switch kind {
      case .main: "top-level code"
      case .end: "trace_end"
      case .event: event
      case .tick: "tick-\(TimeUnit.text(nanoseconds: interval))"
      }
    }
  }

  public let name: String
  public let sourceName: String
  /// What the bundle declares and therefore may do.
  public let capabilities: Capabilities
  /// What its code needs.
  public let neededCapabilities: Capabilities
  public let probes: [Probe]
  /// The most that one event may cost, of all event probes.
  public let worstEvent: Cost
  public let instructionCount: Int
  /// Bytes that the loaded program holds, pools included, rings not.
  public let memory: Int

  init(_ program: OpaquePointer) {
    let info = ktap_program_info(program).pointee
    name = text(info.name)
    sourceName = text(info.source_name)
    capabilities = Capabilities(rawValue: info.capabilities)
    neededCapabilities = Capabilities(rawValue: info.needed_capabilities)
    worstEvent = Cost(instructions: info.worst_cost, isFuelLimit: info.worst_cost_is_fuel)
    instructionCount = Int(info.instruction_count)
    memory = ktap_program_memory(program)
    probes = (0..<info.probe_count).compactMap { index in
      let probe = ktap_program_probe(program, index).pointee
      guard let kind = ProbeKind(rawValue: probe.kind) else { return nil }
      return Probe(
        kind: kind, event: text(probe.event), interval: probe.interval, function: probe.function,
        line: probe.line, cost: Cost(instructions: probe.cost, isFuelLimit: probe.cost_is_fuel))
    }
  }

  /// The first probe that needs a kernel or a recording, if any.
  public var firstEvent: Probe? { probes.first { $0.kind == .event && $0.profilePeriod == nil } }
}
