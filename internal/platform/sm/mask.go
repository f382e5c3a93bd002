package sm

import "onedoor/internal/kernel/personal"

// MaskID is personal.MaskID: "421303********002X".
func MaskID(id string) string { return personal.MaskID(id) }

// MaskPhone is personal.MaskPhone: "138****0001".
func MaskPhone(phone string) string { return personal.MaskPhone(phone) }
