-- SPDX-License-Identifier: GPL-2.0-or-later
local function add(a, b)
  return a + b
end

local s = 0
for i = 1, 4000000 do
  s = add(s, i)
end

print(s)
