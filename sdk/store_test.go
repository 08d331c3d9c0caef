package wallaroo_test

import (
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	wallaroo "github.com/joey-go/joey/sdk"
)

func TestStoreThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	// A directory without write permission would not stop the superuser, as whom tests may run.
	for _, home := range []string{filepath.Join(file, "home"), file, "/proc/joey"} {
		_, err := wallaroo.NewClient(wallaroo.Home(home))
		require.ErrorContains(t, err, home)
		require.ErrorContains(t, err, "JOEY_HOME", "the way out")
	}
}

func TestReadOnlyStore(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		t.Skip("permissions do not stop the superuser; TestStoreThatCannotBeWritten stops anyone")
	}
	home := t.TempDir()
	wl, _ := open(t, home)
	require.NoError(t, wl.Close())
	require.NoError(t, os.Chmod(home, 0o500))
	t.Cleanup(func() { require.NoError(t, os.Chmod(home, 0o700)) })
	_, err := wallaroo.NewClient(wallaroo.Home(home))
	require.ErrorContains(t, err, home)
}

// TestFullDisk runs in a process of its own, whose files may not grow beyond a limit.
func TestFullDisk(t *testing.T) {
	const inside = "JOEY_TEST_FULL_DISK"
	if os.Getenv(inside) == "" {
		t.Parallel()
		needsRuntime(t)
		cmd := exec.Command(os.Args[0], "-test.run=^TestFullDisk$", "-test.v")
		cmd.Env = append(os.Environ(), inside+"=1")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
		require.Contains(t, string(out), "--- PASS: TestFullDisk")
		return
	}
	home := t.TempDir()
	wl, _ := open(t, home)
	p := deployShadow(t, wl, "p")
	_, err := p.Infer(rows(1))
	require.NoError(t, err)
	require.NoError(t, wl.Flush())

	full := fillDisk(t)
	_, err = wl.CreateWorkspace("w")
	require.ErrorContains(t, err, filepath.Join(home, "registry.db"))
	require.ErrorContains(t, err, "JOEY_HOME")
	_, err = wl.UploadModel("m", filepath.Join(ownModels, "xgboost_ccfraud.onnx"))
	require.ErrorContains(t, err, home)
	_, err = p.Deploy()
	require.Error(t, err)
	results, err := p.Infer(rows(1))
	require.NoError(t, err, "what was deployed still answers; the entry waits for room")
	require.Len(t, results, 1)
	require.Error(t, wl.Flush(), "and it is said that it waits")
	results, err = p.Infer(rows(1))
	require.ErrorContains(t, err, "answered, but not logged")
	require.Len(t, results, 1)
	full.free()

	_, err = wl.CreateWorkspace("w")
	require.NoError(t, err)
	logs, err := p.Logs()
	require.NoError(t, err)
	require.Len(t, logs.Entries, 2, "nothing is lost that was not said to be")
}

// fullDisk is a limit on how far files grow, which is how a full disk looks to those that write.
type fullDisk struct {
	t     *testing.T
	limit syscall.Rlimit
}

func fillDisk(t *testing.T) fullDisk {
	signal.Ignore(syscall.SIGXFSZ)
	d := fullDisk{t: t}
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &d.limit))
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 16, Max: d.limit.Max}))
	return d
}

func (d fullDisk) free() {
	require.NoError(d.t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &d.limit))
}

func TestWithoutONNXRuntime(t *testing.T) {
	t.Parallel()
	warnings := new(output)
	wl, err := wallaroo.NewClient(wallaroo.Home(t.TempDir()), wallaroo.WithProgress(new(output)),
		wallaroo.Library("/nowhere/libonnxruntime.so"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, wl.Close()) })
	wl.SetWarnings(warnings)

	_, err = wl.CreateWorkspace("w")
	require.NoError(t, err)
	p, err := wl.BuildPipeline("p")
	require.NoError(t, err)
	champion, err := wl.UploadModel("champion", filepath.Join(ownModels, "keras_ccfraud.onnx"))
	require.NoError(t, err, "upload needs no inference")
	require.Contains(t, warnings.take(), "keras_ccfraud.onnx was stored without a check")
	_, err = p.AddModelStep(champion)
	require.NoError(t, err)
	_, err = p.Deploy()
	require.ErrorContains(t, err, "/nowhere/libonnxruntime.so")
	require.ErrorContains(t, err, "joey install")
	_, err = p.Logs()
	require.NoError(t, err)
	require.Contains(t, p.HTML(), "(none)")
}

func TestDamagedModelFileIsNotRun(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	home := t.TempDir()
	wl, _ := open(t, home)
	m := upload(t, wl, ownModels)
	stored := filepath.Join(home, "models", m[0].SHA()+".onnx")
	other, err := os.ReadFile(filepath.Join(ownModels, "modelA.onnx"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(stored, other, 0o600))
	p, err := wl.BuildPipeline("p")
	require.NoError(t, err)
	_, err = p.AddModelStep(m[0])
	require.NoError(t, err)
	_, err = p.Deploy()
	require.ErrorContains(t, err, "is not what was uploaded")
}

// Two clients are two processes to the store: they share nothing else.
func TestClientsOnOneStore(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	home := t.TempDir()
	one, _ := open(t, home)
	p := deployShadow(t, one, "p")
	_, err := p.Infer(readRecord(t))
	require.NoError(t, err)
	require.NoError(t, one.Flush())

	two, _ := open(t, home)
	list, err := two.PipelinesByName("p")
	require.NoError(t, err)
	same := list[0]
	require.Equal(t, []string{"ccfraud-lstm"}, same.Steps())
	results, err := same.Infer(readRecord(t))
	require.NoError(t, err, "what another client deployed is loaded at the first request")
	require.Equal(t, championScore, score(t, results[0].Data()))
	logs, err := same.Logs()
	require.NoError(t, err)
	require.Len(t, logs.Entries, 2)
	require.Equal(t, p.Version(), logs.Entries[0].PipelineVersion)

	_, err = p.Deploy() // the same steps again: their models may be configured otherwise by now
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		_, err := same.Infer(readRecord(t))
		require.NoError(t, err)
		logs, err := same.Logs(wallaroo.Limit(1))
		require.NoError(t, err)
		return logs.Entries[0].PipelineVersion == p.Version()
	}, 5*time.Second, 50*time.Millisecond, "the other client loads the new version")

	_, err = p.Undeploy()
	require.NoError(t, err)
	status, err := same.Status()
	require.NoError(t, err)
	require.Equal(t, wallaroo.Stopped, status)
	require.Eventually(t, func() bool {
		_, err := same.Infer(readRecord(t))
		return err != nil
	}, 5*time.Second, 50*time.Millisecond, "the other client notices")
}

func TestWorkspaces(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	wl, _ := open(t, home)
	require.Equal(t, "default", wl.CurrentWorkspace().Name())
	_, err := wl.GetWorkspace("w")
	var missing *wallaroo.EntityNotFoundError
	require.ErrorAs(t, err, &missing)
	require.Equal(t, "workspace", missing.Kind)
	require.ErrorContains(t, err, "create it")
	w, err := wl.GetWorkspace("w", wallaroo.CreateIfNotExist)
	require.NoError(t, err)
	_, err = wl.CreateWorkspace("w")
	require.ErrorContains(t, err, "exists already")

	_, err = wl.BuildPipeline("p")
	require.NoError(t, err)
	_, err = wl.SetCurrentWorkspace(w)
	require.NoError(t, err)
	_, err = wl.PipelinesByName("p")
	require.ErrorAs(t, err, &missing, "the pipeline is in the other workspace")
	require.Equal(t, "pipeline", missing.Kind)
	list, err := wl.ListWorkspaces()
	require.NoError(t, err)
	require.Len(t, list, 2)
	pipelines, err := list[0].Pipelines()
	require.NoError(t, err)
	require.Len(t, pipelines, 1)
	models, err := w.Models()
	require.NoError(t, err)
	require.Equal(t, "(no models)", models.String())

	_, err = wl.CreateWorkspace("<b>&")
	require.NoError(t, err)
	list, err = wl.ListWorkspaces()
	require.NoError(t, err)
	require.Contains(t, list.HTML(), "<td>&lt;b&gt;&amp;</td>")
	require.Contains(t, list.String(), "<b>&")

	_, err = wl.SetCurrentWorkspace(nil)
	require.Error(t, err)
	stranger, _ := open(t, t.TempDir())
	_, err = stranger.SetCurrentWorkspace(w)
	require.ErrorContains(t, err, home)
}
