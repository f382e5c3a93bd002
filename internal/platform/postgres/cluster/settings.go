package cluster

import (
	"bufio"
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
)

// settings are given on the command line at every start, so that they follow
// the machine's memory and a newer onedoor's better judgement.
func (c *Cluster) settings() []string {
	mem := memoryMB()
	s := map[string]string{
		"listen_addresses":        "",
		"unix_socket_directories": c.socket,
		"unix_socket_permissions": "0700",
		"port":                    "5432",
		"max_connections":         strconv.Itoa(c.opts.MaxConnections),

		// An eighth of the memory: onedoor and the file cache need the rest.
		"shared_buffers":       mb(min(max(mem/8, 64), 4096)),
		"effective_cache_size": mb(max(mem/2, 256)),
		"maintenance_work_mem": mb(min(max(mem/32, 64), 1024)),
		"work_mem":             "16MB",
		"random_page_cost":     "1.1", // solid state
		"jit":                  "off", // our queries are short; compiling them costs more than it saves

		// What was acknowledged is on the disk.
		"fsync":              "on",
		"synchronous_commit": "on",
		"full_page_writes":   "on",
		// Room for bursts between checkpoints; recovery still takes seconds.
		"max_wal_size":       "4GB",
		"min_wal_size":       "256MB",
		"checkpoint_timeout": "15min",

		"autovacuum_vacuum_scale_factor":  "0.05",
		"autovacuum_analyze_scale_factor": "0.02",

		"timezone":        "Asia/Shanghai",
		"log_timezone":    "Asia/Shanghai",
		"log_line_prefix": "%m [%p] ",
		// DETAIL lines quote the offending row, which may be personal data.
		"log_error_verbosity":               "terse",
		"log_parameter_max_length":          "0",
		"log_parameter_max_length_on_error": "0",
		"log_lock_waits":                    "on",
		"log_checkpoints":                   "off",
		"cluster_name":                      "onedoor",
	}
	maps.Copy(s, c.opts.Settings)
	var args []string
	for _, k := range slices.Sorted(maps.Keys(s)) {
		args = append(args, "-c", k+"="+s[k])
	}
	return args
}

func mb(n int) string { return fmt.Sprintf("%dMB", n) }

// memoryMB is what this process may use: the machine's, or its container's limit.
func memoryMB() int {
	mem := 1024
	if raw, err := os.ReadFile("/proc/meminfo"); err == nil {
		sc := bufio.NewScanner(bytes.NewReader(raw))
		for sc.Scan() {
			if f := strings.Fields(sc.Text()); len(f) >= 2 && f[0] == "MemTotal:" {
				if kb, err := strconv.Atoi(f[1]); err == nil {
					mem = kb / 1024
				}
			}
		}
	}
	if raw, err := os.ReadFile("/sys/fs/cgroup/memory.max"); err == nil {
		if limit, err := strconv.Atoi(strings.TrimSpace(string(raw))); err == nil {
			mem = min(mem, limit>>20)
		}
	}
	return mem
}
