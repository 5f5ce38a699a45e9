-- SPDX-License-Identifier: GPL-2.0-or-later
local n = 0
for i = 1, 2000000 do
  local s = "event " .. i .. "\n"
  n = n + #s
end

print(n)
