package wallaroo_test

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	wallaroo "github.com/joey-go/joey/sdk"
)

// TestKilledInTheMiddleOfCalls kills processes that upload, build and tag in one store at random points, and looks what is
// there afterwards. It runs itself for these processes.
func TestKilledInTheMiddleOfCalls(t *testing.T) {
	const inside = "JOEY_TEST_KILLED"
	if home := os.Getenv(inside); home != "" {
		callForever(t, home)
		return
	}
	t.Parallel()
	home, scratch, seed := t.TempDir(), t.TempDir(), rand.Uint64() // who is killed does not remove its folders
	t.Log("seed", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for round := range 24 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilledInTheMiddleOfCalls$")
		cmd.Env = append(os.Environ(), inside+"="+home, "TMPDIR="+scratch)
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		lines := bufio.NewScanner(out)
		var acked []string
		for n := 1 + r.IntN(6); n > 0 && lines.Scan(); n-- {
			acked = append(acked, lines.Text())
		}
		time.Sleep(time.Duration(r.IntN(4000)) * time.Microsecond) // into the next call, which takes a few milliseconds
		require.NoError(t, cmd.Process.Kill())
		for lines.Scan() {
			acked = append(acked, lines.Text())
		}
		killed := new(exec.ExitError)
		require.ErrorAs(t, cmd.Wait(), &killed)
		require.True(t, killed.Sys().(syscall.WaitStatus).Signaled(), "it ended by itself: %v, %v", killed, acked)
		requireAcked(t, home, acked, round)
	}
}

// callForever prints a line, with a dot at its end, for what each call has stored.
func callForever(t *testing.T, home string) {
	wl, err := wallaroo.NewClient(wallaroo.Home(home), wallaroo.Library("/nowhere")) // nothing checks the bytes that it uploads
	require.NoError(t, err)
	wl.SetWarnings(io.Discard)
	file := filepath.Join(t.TempDir(), "model.onnx")
	for {
		content := make([]byte, 1<<18)
		for i := range content {
			content[i] = byte(rand.Uint32())
		}
		require.NoError(t, os.WriteFile(file, content, 0o600))
		m, err := wl.UploadModel("m", file, wallaroo.TensorFields("x"))
		require.NoError(t, err)
		fmt.Println("model", m.Version(), ".")
		p, err := wl.BuildPipeline("p")
		require.NoError(t, err)
		fmt.Println("pipeline", p.Version(), ".")
		tag, err := wl.CreateTag(fmt.Sprint(rand.Uint64()))
		require.NoError(t, err)
		require.NoError(t, tag.AddToModel(m))
		fmt.Println("tag", tag.Text(), ".")
	}
}

// requireAcked opens the store as the next process and wants all that was acknowledged, and no model without its file.
func requireAcked(t *testing.T, home string, acked []string, round int) {
	t.Helper()
	wl, err := wallaroo.NewClient(wallaroo.Home(home))
	require.NoError(t, err, round)
	defer func() { require.NoError(t, wl.Close()) }()
	models, err := wl.SearchModels("")
	require.NoError(t, err)
	stored := map[string]bool{}
	for _, m := range models {
		stored["model "+m.Version()] = true
		for _, tag := range m.Tags() {
			stored["tag "+tag] = true
		}
		require.FileExists(t, filepath.Join(home, "models", m.SHA()+".onnx"), round)
		require.Contains(t, m.HTML(), "<td>x</td>", "settings come with the version")
	}
	files, err := filepath.Glob(filepath.Join(home, "models", "*.onnx"))
	require.NoError(t, err)
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Equal(t, fmt.Sprintf("%x.onnx", sha256.Sum256(content)), filepath.Base(file), "round %d: a file is in place whole or not at all", round)
	}
	if p, err := wl.GetPipeline("p"); err == nil {
		versions, err := p.Versions()
		require.NoError(t, err)
		for _, v := range versions {
			stored["pipeline "+v.Version()] = true
		}
	}
	for _, line := range acked {
		if what, whole := strings.CutSuffix(line, " ."); whole {
			require.True(t, stored[what], "round %d: %s", round, what)
		}
	}
}
