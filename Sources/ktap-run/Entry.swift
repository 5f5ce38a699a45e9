// SPDX-License-Identifier: GPL-2.0-or-later
import CAgent

@c(ktap_run_main)
public func agentMain(
  _ count: CInt, _ vector: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> CInt {
  var a: [UInt8] = []
  for i in 0..<Int(count) { a.append(UInt8(48 + i)) }
  a.append(10)
  a.withUnsafeBytes { cagent_hello($0.baseAddress, UInt32($0.count)) }
  return 3
}
