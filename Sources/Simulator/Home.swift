// SPDX-License-Identifier: GPL-2.0-or-later
import CVM
import Crypto
import Foundation

/// The callbacks through which the virtual machine reaches this PC: `struct ktap_home`.
/// The execution context's owner word is the ``Machine`` that runs in it.
struct Home: @unchecked Sendable {
  static let shared = Home()

  /// Never freed and never written again: programs keep the address.
  let pointer: UnsafePointer<ktap_home>

  private init() {
    let home = UnsafeMutablePointer<ktap_home>.allocate(capacity: 1)
    home.initialize(
      to: ktap_home(
        reserve: { x, kind, site, length, wait in
          Machine.of(x)?.reserve(kind: kind, site: site, length: length, mayWait: wait)
        },
        commit: { x, _ in Machine.of(x)?.commit() },
        field: { x, _, field, out in
          Machine.of(x)?.field(x, field, out) ?? KTAP_ERROR_FIELD.rawValue
        },
        capture: { x, _, buffer, size, id in
          let bytes = buffer.map { UnsafeMutableRawBufferPointer(start: $0, count: Int(size)) }
          return Machine.of(x)?.capture(bytes, id) ?? 0
        },
        library: { x, id, arguments, count, result in
          guard let machine = Machine.of(x) else { return KTAP_ERROR_INTERNAL.rawValue }
          return machine.library(
            x, ktap_library(rawValue: id), UnsafeBufferPointer(start: arguments, count: Int(count)),
            result)
        },
        stopping: { x in Machine.of(x)?.isStopping ?? true },
        // One thread runs everything, and reclaims after each execution.
        retired: { _ in },
        settle: nil,
        sha256: { data, length, digest in
          guard let digest else { return -EINVAL }
          let bytes = UnsafeRawBufferPointer(start: data, count: length)
          var hash = SHA256()
          hash.update(bufferPointer: bytes)
          for (index, byte) in hash.finalize().enumerated() { digest[index] = byte }
          return 0
        },
        seed: { UInt64.random(in: .min ... .max) },
        address: nil))
    pointer = UnsafePointer(home)
  }
}
