package wallaroo_test

import (
	"bytes"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	wallaroo "github.com/joey-go/joey/sdk"
)

// picture is two pixels wide and one high, somewhere in the plane: a dark orange and a grey.
func picture() *image.RGBA {
	img := image.NewRGBA(image.Rect(5, 7, 7, 8))
	img.Set(5, 7, color.RGBA{255, 51, 0, 255})
	img.Set(6, 7, color.RGBA{102, 102, 102, 255})
	return img
}

func TestImagesAreRequests(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	wl, _ := open(t, t.TempDir())
	for name, c := range map[string]struct {
		scale wallaroo.PixelScale
		shape []int64
		want  []float64
	}{
		"pixels-first": {wallaroo.PixelsTo255, []int64{2, 3, 1, 2}, []float64{255, 102, 51, 102, 0, 102, 255, 102, 51, 102, 0, 102}},
		"pixels-last":  {wallaroo.PixelsTo1, []int64{2, 1, 2, 3}, []float64{1, float64(float32(0.2)), 0, float64(float32(0.4)), float64(float32(0.4)), float64(float32(0.4))}},
		"pixels-bytes": {wallaroo.PixelsTo255, []int64{2, 1, 2, 3}, []float64{255, 51, 0, 102, 102, 102}},
	} {
		m := odd(t, wl, name)[0]
		p, err := wl.BuildPipeline(name)
		require.NoError(t, err)
		_, err = p.AddModelStep(m)
		require.NoError(t, err)
		_, err = p.Deploy()
		require.NoError(t, err)
		request, err := m.Pixels(c.scale, picture(), picture())
		require.NoError(t, err)
		require.Equal(t, c.shape, request.Shape())
		results, err := p.Infer(request)
		require.NoError(t, err, name)
		require.Equal(t, c.shape, results[0].Data()[0].Shape(), name)
		require.Equal(t, c.want, floats(t, results[0].Data())[:len(c.want)], name)
		_, err = p.Infer(picture())
		require.ErrorContains(t, err, "*image.RGBA cannot be sent as it is: Model.Pixels makes a request of it, and says how its values are scaled")
		_, err = p.Infer([]image.Image{picture()})
		require.ErrorContains(t, err, "[]image.Image cannot be sent as it is: Model.Pixels")
	}
	grey, deep := odd(t, wl, "pixels-grey")[0], image.NewGray16(image.Rect(0, 0, 2, 1))
	deep.SetGray16(1, 0, color.Gray16{Y: 1})
	request, err := grey.Pixels(wallaroo.PixelsTo255, deep)
	require.NoError(t, err)
	require.Equal(t, "x: float32[1 1 1 2]", request.String(), "a fraction of 255")

	models := map[string]*wallaroo.Model{}
	for _, m := range odd(t, wl, "pixels-first", "pixels-bytes", "pixels-unclear", "integers", "two-inputs") {
		models[m.Name()] = m
	}
	seen := picture()
	seen.Set(6, 7, color.RGBA{0, 0, 0, 254})
	for says, c := range map[string]struct {
		model  *wallaroo.Model
		scale  wallaroo.PixelScale
		images []image.Image
	}{
		`model "pixels-first": image 1 is 3 × 1 pixels (width × height), and 2 × 1 are wanted by x: float32[?, 3, 1, 2]`: {models["pixels-first"], wallaroo.PixelsTo1, []image.Image{picture(), image.NewRGBA(image.Rect(0, 0, 3, 1))}},
		`image 0 can be seen through at x 6, y 7: draw it onto a background`:                                             {models["pixels-first"], wallaroo.PixelsTo1, []image.Image{seen}},
		`image 0 may have colours, and the model takes x: float32[?, 1, ?, ?] with one channel`:                          {grey, wallaroo.PixelsTo1, []image.Image{picture()}},
		`it takes x: uint8[?, ?, ?, 3], and PixelsTo1 gives fractions`:                                                   {models["pixels-bytes"], wallaroo.PixelsTo1, []image.Image{picture()}},
		`x: float32[?, 3, 1, 3], which does not tell where the channels are`:                                             {models["pixels-unclear"], wallaroo.PixelsTo1, []image.Image{picture()}},
		`it takes x: int64[?, 2], and images need four dimensions`:                                                       {models["integers"], wallaroo.PixelsTo255, []image.Image{picture()}},
		`it takes 2 inputs, and images are for models of one`:                                                            {models["two-inputs"], wallaroo.PixelsTo255, []image.Image{picture()}},
		`there are no images`:                            {models["pixels-first"], wallaroo.PixelsTo1, nil},
		`image 0 is nil`:                                 {models["pixels-first"], wallaroo.PixelsTo1, []image.Image{nil}},
		`image 0 has no pixels`:                          {grey, wallaroo.PixelsTo1, []image.Image{image.NewGray(image.Rectangle{})}},
		`the scale is 0: it is PixelsTo255 or PixelsTo1`: {grey, 0, []image.Image{picture()}},
	} {
		_, err := c.model.Pixels(c.scale, c.images...)
		require.ErrorContains(t, err, says)
	}
}

// The examples have no Python that makes their model.
func TestTheExamplesModelIsWhatModelsWrites(t *testing.T) {
	t.Parallel()
	want, err := os.ReadFile(filepath.Join(oddModels(t), "brightness.onnx"))
	require.NoError(t, err)
	got, err := os.ReadFile("testdata/brightness.onnx")
	require.NoError(t, err)
	require.True(t, bytes.Equal(want, got), "commit what testdata/models.py writes")
}
