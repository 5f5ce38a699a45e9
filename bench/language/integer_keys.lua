-- SPDX-License-Identifier: GPL-2.0-or-later
local t = {}
for i = 1, 4000000 do
  local k = i & 1023
  t[k] = (t[k] or 0) + 1
end

print(t[0], t[1023])
