package report

import (
	"fmt"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Machine is the place and time of a measurement.
type Machine struct {
	CPU      string  `json:"cpu"`
	Cores    int     `json:"cores"`
	Memory   uint64  `json:"memory_bytes"` // 0 if unknown
	Kernel   string  `json:"kernel"`
	Go       string  `json:"go"`
	Postgres string  `json:"postgresql"`
	Date     string  `json:"date"` // UTC
	Load     float64 `json:"load"` // load average of the minute before; -1 if unknown
}

// ThisMachine describes this machine now, with the given PostgreSQL version.
func ThisMachine(postgres string) Machine {
	m := Machine{
		CPU: "unknown processor", Cores: runtime.NumCPU(), Kernel: kernel(), Go: runtime.Version(),
		Postgres: postgres, Date: time.Now().UTC().Format(time.DateOnly), Load: -1,
	}
	m.look()
	return m
}

func kernel() string {
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil {
		return "unknown kernel"
	}
	return unix.ByteSliceToString(name.Sysname[:]) + " " + unix.ByteSliceToString(name.Release[:])
}

// String returns the description as one sentence.
func (m Machine) String() string {
	parts := []string{fmt.Sprintf("%s, %d cores", m.CPU, m.Cores)}
	if m.Memory > 0 {
		const gibibyte = 1 << 30
		parts = append(parts, fmt.Sprintf("%.0f GiB of memory", float64(m.Memory)/gibibyte))
	}
	parts = append(parts, m.Kernel, m.Go, "PostgreSQL "+m.Postgres)
	text := "Measured on " + m.Date + ": " + strings.Join(parts, ", ")
	if m.Load >= 0 {
		text += fmt.Sprintf("; load average before the run %.1f", m.Load)
	}
	return text + "."
}
