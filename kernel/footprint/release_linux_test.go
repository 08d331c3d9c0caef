package footprint

import (
	"bufio"
	"os"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// mapped maps the test's own program once more, and touches it.
func mapped(t *testing.T) []byte {
	self, err := os.Executable()
	require.NoError(t, err)
	f, err := os.Open(self)
	require.NoError(t, err)
	defer f.Close()
	size := 64 * os.Getpagesize()
	b, err := unix.Mmap(int(f.Fd()), 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, unix.Munmap(b)) })
	for i := 0; i < size; i += os.Getpagesize() {
		if b[i] == 0xff {
			t.Log("touched")
		}
	}
	return b
}

// resident is what smaps says of a mapping.
func resident(t *testing.T, b []byte) string {
	f, err := os.Open("/proc/self/smaps")
	require.NoError(t, err)
	defer f.Close()
	found := false
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if begin, _, _, ok := mapping(lines.Text()); ok {
			found = begin == uintptr(unsafe.Pointer(unsafe.SliceData(b)))
		} else if rss, ok := strings.CutPrefix(lines.Text(), "Rss:"); ok && found {
			return strings.TrimSpace(rss)
		}
	}
	require.Fail(t, "smaps does not know the mapping")
	return ""
}

func TestWhatIsAsInTheFileIsReleased(t *testing.T) {
	b := mapped(t)
	require.NoError(t, unix.Mprotect(b, unix.PROT_READ))
	first := b[0]
	require.NotEqual(t, "0 kB", resident(t, b))
	release()
	assert.Equal(t, "0 kB", resident(t, b))
	assert.Equal(t, first, b[0], "it comes back")
}

func TestWhatWasWrittenStays(t *testing.T) {
	read, written := mapped(t), mapped(t)
	read[0]++
	want := read[0]
	require.NoError(t, unix.Mprotect(read, unix.PROT_READ)) // as the loader does with what it relocates
	written[0]++
	release()
	assert.Equal(t, want, read[0])
	assert.Equal(t, want, written[0])
}
