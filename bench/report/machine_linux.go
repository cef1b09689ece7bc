package report

import (
	"cmp"

	"github.com/prometheus/procfs"
)

// look adds the figures of /proc.
func (m *Machine) look() {
	proc, err := procfs.NewDefaultFS()
	if err != nil {
		return
	}
	if cpus, err := proc.CPUInfo(); err == nil && len(cpus) > 0 {
		m.CPU = cmp.Or(cpus[0].ModelName, m.CPU)
	}
	if memory, err := proc.Meminfo(); err == nil && memory.MemTotalBytes != nil {
		m.Memory = *memory.MemTotalBytes
	}
	if load, err := proc.LoadAvg(); err == nil {
		m.Load = load.Load1
	}
}
