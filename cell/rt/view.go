package rt

import "reflect"

// view gives an encoder or decoder a value to work on in place of a cell's.
func (r *Runtime) view(c *compiledFunc, b Box) (reflect.Value, func()) {
	refuse("fill a map, or a compiled type", "%s.%s of the type %s, which a cell declares", c.pkg, c.name, typeString(b.Type.Go))
	return reflect.Value{}, nil
}
