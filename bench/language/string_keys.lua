-- SPDX-License-Identifier: GPL-2.0-or-later
local t = {}
local a, b, c, d = "openat", "close", "clock_nanosleep", "sshd"
for i = 1, 1000000 do
  t[a] = (t[a] or 0) + 1
  t[b] = (t[b] or 0) + 1
  t[c] = (t[c] or 0) + 1
  t[d] = (t[d] or 0) + 1
end

print(t[a], t[b], t[c], t[d])
