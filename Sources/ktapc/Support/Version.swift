// SPDX-License-Identifier: GPL-2.0-or-later

/// The version of ktapc.
let toolVersion = "0.5.0"
