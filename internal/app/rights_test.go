package app_test

import "testing"

func rights(t *testing.T, c *city) {}
