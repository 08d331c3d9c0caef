package footprint

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// release unmaps the pages of the program's file that are as in the file. If the system does not say which those are, all stay.
func release() {
	self, err := os.Executable()
	if err != nil {
		return
	}
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		return
	}
	defer f.Close()
	var begin, end uintptr // of the mapping that the lines tell about; nothing if it is to stay
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := lines.Text()
		if b, e, mode, ok := mapping(line); ok {
			begin, end = b, e
			if strings.Contains(mode, "w") || !strings.HasSuffix(line, " "+self) {
				end = begin
			}
			continue
		}
		if amount, ok := strings.CutPrefix(line, "Anonymous:"); ok && begin < end && strings.TrimSpace(amount) == "0 kB" {
			unix.Syscall(unix.SYS_MADVISE, begin, end-begin, unix.MADV_DONTNEED) // if it fails they stay
		}
	}
}

// mapping reads the line that begins what smaps tells about a mapping.
func mapping(line string) (begin, end uintptr, mode string, ok bool) {
	n, _ := fmt.Sscanf(line, "%x-%x %s", &begin, &end, &mode)
	return begin, end, mode, n == 3
}
