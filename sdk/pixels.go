package wallaroo

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"slices"

	"github.com/joey-go/joey/engine/tensor"
)

// PixelScale says what a model wants the brightest value of a pixel to be.
type PixelScale uint8

// How models want their pixels. Others, such as those with a mean taken off, get numbers as [][]float32 and the like.
const (
	PixelsTo255 PixelScale = iota + 1 // 0 to 255
	PixelsTo1                         // 0 to 1
)

// Pixels are images as a model takes them, for [Pipeline.Infer]. [Model.Pixels] makes them.
type Pixels struct {
	field tensor.Named
}

// Shape returns the dimensions: images, channels, height and width, or images, height, width and channels.
func (p *Pixels) Shape() []int64 { return slices.Clone(p.field.Tensor.Shape) }

// String tells type and shape.
func (p *Pixels) String() string {
	return fmt.Sprintf("%s: %s%v", p.field.Name, p.field.Tensor.Type, p.field.Tensor.Shape)
}

// Pixels makes a request of images, one for each row. The model has one input of four dimensions; which of them are the channels its shape
// says: the second ([?, 3, height, width]) or the last ([?, height, width, 3]), 1 or 3 in number. Three are red, green and blue; one takes
// grey images only. A size that is not the model's, pixels that can be seen through, and shapes that do not tell are errors: nothing is
// resized, cut or blended. Values are float32, and uint8 where images of 8 bits go to 255; 16 bits keep their fractions.
func (m *Model) Pixels(scale PixelScale, images ...image.Image) (*Pixels, error) {
	inputs, err := m.Inputs()
	if err != nil {
		return nil, err
	}
	p, err := pixels(inputs, scale, images)
	if err != nil {
		return nil, fmt.Errorf("model %q: %w", m.Name(), err)
	}
	return p, nil
}

func pixels(inputs Fields, scale PixelScale, images []image.Image) (*Pixels, error) {
	if len(inputs) != 1 {
		return nil, fmt.Errorf("it takes %d inputs, and images are for models of one", len(inputs))
	}
	frame, err := frameOf(inputs[0])
	switch {
	case err != nil:
		return nil, err
	case scale != PixelsTo255 && scale != PixelsTo1:
		return nil, fmt.Errorf("the scale is %d: it is PixelsTo255 or PixelsTo1", scale)
	case scale == PixelsTo1 && inputs[0].Type[:1] != "f":
		return nil, fmt.Errorf("it takes %s, and PixelsTo1 gives fractions: PixelsTo255 does not", inputs[0])
	case len(images) == 0:
		return nil, errors.New("there are no images")
	}
	for i, img := range images {
		if err := frame.fit(img); err != nil {
			return nil, fmt.Errorf("image %d %w", i, err)
		}
	}
	shape := frame.shape(len(images))
	if n, err := tensor.Elements(shape); err != nil || n > tensor.MaxElements {
		return nil, fmt.Errorf("images of the shape %v have more than the %d values that a request may have: send them in parts", shape, tensor.MaxElements)
	}
	data, err := frame.read(scale, images)
	if err != nil {
		return nil, err
	}
	field, err := tensor.New(inputs[0].Name, shape, data)
	return &Pixels{field}, err
}

// frame is the form in which a model takes an image. A height or width of -1 is any until the first image.
type frame struct {
	field                   Field
	first                   bool // the channels come before height and width
	channels, height, width int
}

func frameOf(f Field) (*frame, error) {
	if len(f.Shape) != 4 {
		return nil, fmt.Errorf("it takes %s, and images need four dimensions: images, channels, height, width, or the channels last", f)
	}
	if f.Type == "string" || f.Type == "bool" {
		return nil, fmt.Errorf("it takes %s, and pixels are numbers", f)
	}
	count := func(d int64) bool { return d == 1 || d == 3 }
	first, last := count(f.Shape[1]), count(f.Shape[3])
	if first == last {
		return nil, fmt.Errorf("it takes %s, which does not tell where the channels are: just one of the second and the last dimension is 1 or 3", f)
	}
	if first {
		return &frame{f, true, int(f.Shape[1]), int(f.Shape[2]), int(f.Shape[3])}, nil
	}
	return &frame{f, false, int(f.Shape[3]), int(f.Shape[1]), int(f.Shape[2])}, nil
}

// fit tells why an image does not fit, or takes the size that the model leaves open from it.
func (f *frame) fit(img image.Image) error {
	if img == nil {
		return errors.New("is nil")
	}
	width, height := img.Bounds().Dx(), img.Bounds().Dy()
	if width == 0 || height == 0 {
		return errors.New("has no pixels")
	}
	if f.height < 0 {
		f.height = height
	}
	if f.width < 0 {
		f.width = width
	}
	if width != f.width || height != f.height {
		return fmt.Errorf("is %d × %d pixels (width × height), and %d × %d are wanted by %s and the images before: resize it", width, height, f.width, f.height, f.field)
	}
	if model := img.ColorModel(); f.channels == 1 && model != color.GrayModel && model != color.Gray16Model {
		return fmt.Errorf("may have colours, and the model takes %s with one channel: draw it onto an image.Gray", f.field)
	}
	return nil
}

func (f *frame) shape(images int) []int64 {
	n, c, h, w := int64(images), int64(f.channels), int64(f.height), int64(f.width)
	if f.first {
		return []int64{n, c, h, w}
	}
	return []int64{n, h, w, c}
}

// read gives the values in the order of the shape: []uint8 or []float32.
func (f *frame) read(scale PixelScale, images []image.Image) (any, error) {
	size := f.channels * f.height * f.width
	values, whole := make([]uint16, size*len(images)), scale == PixelsTo255
	for i, img := range images {
		b, to := img.Bounds(), values[i*size:]
		for y := range f.height {
			for x := range f.width {
				r, g, blue, alpha := img.At(b.Min.X+x, b.Min.Y+y).RGBA()
				if alpha != 0xffff {
					return nil, fmt.Errorf("image %d can be seen through at x %d, y %d: draw it onto a background", i, b.Min.X+x, b.Min.Y+y)
				}
				for c, v := range []uint32{r, g, blue}[:f.channels] {
					to[f.at(c, y, x)] = uint16(v)
					whole = whole && v%257 == 0
				}
			}
		}
	}
	if whole {
		bytes := make([]uint8, len(values))
		for i, v := range values {
			bytes[i] = uint8(v / 257) // 8 bits as color.Color widens them
		}
		return bytes, nil
	}
	most := 65535.0
	if scale == PixelsTo255 {
		most = 257
	}
	floats := make([]float32, len(values))
	for i, v := range values {
		floats[i] = float32(float64(v) / most)
	}
	return floats, nil
}

// at is where a value lies in its image.
func (f *frame) at(c, y, x int) int {
	if f.first {
		return (c*f.height+y)*f.width + x
	}
	return (y*f.width+x)*f.channels + c
}
