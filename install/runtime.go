package install

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/joey-go/joey/engine/onnx"
)

// runtimeVersion is the release of ONNX Runtime that is fetched.
const runtimeVersion = "1.32.0"

// wheel is a file on PyPI that holds the library.
type wheel struct{ platform, sha256 string }

// wheels are those of onnxruntime 1.32.0 for Python 3.11; the library in them does not depend on Python's version.
var wheels = map[string]wheel{
	"linux/amd64":  {"manylinux_2_28_x86_64", "5a34fc4dfeb5a7b4a74c95dcba1e773d722abda720b474edf1b0c419dc6d163d"},
	"linux/arm64":  {"manylinux_2_28_aarch64", "2303372a85299b6757b0e11e1cbf13e410ddf7e10c37f4b37e99d1c90e7daf7c"},
	"darwin/arm64": {"macosx_14_0_arm64", "366b9e53d07812cc5c92822cecf7563b76a8a0f32ba3bb8dd232a206ac3bcb6c"},
}

// Runtime makes sure that dir holds an ONNX Runtime and returns the library's path. A usable one is kept; otherwise python3's pip fetches
// the pinned wheel, and the library and its licences are taken out of it. progress is told about a download, which takes seconds.
func Runtime(ctx context.Context, dir string, progress io.Writer) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", remedy(err)
	}
	return wheels[runtime.GOOS+"/"+runtime.GOARCH].ensure(ctx, dir, progress)
}

func (w wheel) ensure(ctx context.Context, dir string, progress io.Writer) (string, error) {
	library := filepath.Join(dir, onnx.FileName())
	if _, err := onnx.Find(ctx, library, ""); err == nil {
		return library, nil
	}
	if w.platform == "" {
		return "", remedy(fmt.Errorf("there is no wheel for %s/%s", runtime.GOOS, runtime.GOARCH))
	}
	fmt.Fprintf(progress, "Fetching ONNX Runtime %s (about 28 MB) into %s …\n", runtimeVersion, dir)
	if err := w.install(ctx, dir); err != nil {
		return "", remedy(err)
	}
	if _, err := onnx.Find(ctx, library, ""); err != nil {
		return "", remedy(errors.Join(err, os.Remove(library)))
	}
	return library, nil
}

// remedy says in a sentence what to do instead.
func remedy(err error) error {
	return fmt.Errorf("fetch ONNX Runtime %s: %w; run `pip install onnxruntime` in the active Python environment, or set %s to a library that you have",
		runtimeVersion, err, onnx.PathVariable)
}

func (w wheel) install(ctx context.Context, dir string) error {
	temp, err := os.MkdirTemp("", "joey-runtime-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	file, err := w.download(ctx, temp)
	if err != nil {
		return err
	}
	return extract(file, dir)
}

// download has pip fetch the wheel: it knows the user's index, proxy and certificates. The flags give the same file from any Python; the
// hash is checked by pip before it uses the file and here again, whatever python3 is.
func (w wheel) download(ctx context.Context, dir string) (string, error) {
	lock := filepath.Join(dir, "lock.txt")
	line := fmt.Sprintf("onnxruntime==%s --hash=sha256:%s\n", runtimeVersion, w.sha256)
	if err := os.WriteFile(lock, []byte(line), 0o600); err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, "python3", "-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check",
		"--no-deps", "--require-hashes", "--only-binary", ":all:", "--implementation", "cp", "--abi", "cp311",
		"--python-version", "3.11", "--platform", w.platform, "--dest", dir, "--requirement", lock)
	cmd.WaitDelay = 5 * time.Second // for a child of pip that outlives it and holds the output open
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", pipError(ctx, string(out), err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.whl"))
	if err != nil || len(files) != 1 {
		return "", fmt.Errorf("pip left %d wheels, not one", len(files))
	}
	return files[0], w.verify(files[0])
}

// pipError picks the line of pip's output that says why.
func pipError(ctx context.Context, out string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	for line := range strings.Lines(out) {
		if reason, ok := strings.CutPrefix(line, "ERROR: "); ok {
			return fmt.Errorf("pip failed: %s", strings.TrimSpace(reason))
		}
	}
	if line := lastLine(out); line != "" {
		return fmt.Errorf("pip failed: %s", line)
	}
	return fmt.Errorf("pip failed: %w", err)
}

func (w wheel) verify(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil {
		return err
	}
	if got := hex.EncodeToString(hash.Sum(nil)); got != w.sha256 {
		return fmt.Errorf("%s has SHA-256 %s, not %s", filepath.Base(file), got, w.sha256)
	}
	return nil
}

// extract writes the licences and then the library, so that a library is never without them.
func extract(file, dir string) error {
	archive, err := zip.OpenReader(file)
	if err != nil {
		return err
	}
	defer archive.Close()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	library, err := libraryEntry(archive.File)
	if err != nil {
		return err
	}
	for _, e := range []struct {
		from, to string
		mode     fs.FileMode
	}{
		{"onnxruntime/LICENSE", "onnxruntime-LICENSE", 0o644},
		{"onnxruntime/ThirdPartyNotices.txt", "onnxruntime-ThirdPartyNotices.txt", 0o644},
		{library, onnx.FileName(), 0o755},
	} {
		if err := extractFile(archive, e.from, filepath.Join(dir, e.to), e.mode); err != nil {
			return err
		}
	}
	return nil
}

// libraryEntry finds capi/libonnxruntime.so.1.32.0 or capi/libonnxruntime.1.32.0.dylib among the wheel's files.
func libraryEntry(files []*zip.File) (string, error) {
	for _, f := range files {
		if ok, _ := path.Match("onnxruntime/capi/libonnxruntime.*"+runtimeVersion+"*", f.Name); ok {
			return f.Name, nil
		}
	}
	return "", fmt.Errorf("the wheel holds no libonnxruntime %s", runtimeVersion)
}

// extractFile writes aside and renames: whoever loads the old library meanwhile keeps it whole.
func extractFile(archive fs.FS, name, target string, mode fs.FileMode) error {
	in, err := archive.Open(name)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.CreateTemp(filepath.Dir(target), ".joey-*")
	if err != nil {
		return err
	}
	defer os.Remove(out.Name()) // fails when it has been renamed, as it should
	_, err = io.Copy(out, in)
	if err := errors.Join(err, out.Chmod(mode), out.Sync(), out.Close()); err != nil {
		return err
	}
	return os.Rename(out.Name(), target)
}
