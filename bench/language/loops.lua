-- SPDX-License-Identifier: GPL-2.0-or-later
local s = 0
for i = 1, 3000 do
  for j = 1, 3000 do
    s = s + (i ~ j)
  end
end

print(s)
