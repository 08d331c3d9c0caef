package worker

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// positionDescriptor is a file of the kernel's that holds where the cell is, at its begin: whatever ends the process, the kernel can read it there.
const positionDescriptor = 5

// sharedLine is the number in that file, nil if the kernel gave none. The memory is mapped as long as the process lives.
func sharedLine() *int {
	var stat unix.Stat_t
	if err := unix.Fstat(positionDescriptor, &stat); err != nil || stat.Mode&unix.S_IFMT != unix.S_IFREG || stat.Size < int64(os.Getpagesize()) {
		return nil
	}
	page, err := unix.Mmap(positionDescriptor, 0, os.Getpagesize(), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	unix.Close(positionDescriptor)
	if err != nil {
		return nil
	}
	return (*int)(unsafe.Pointer(&page[0]))
}
