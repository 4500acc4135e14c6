// Generated from runtime.proto by scripts/gen-codecs.ts. Do not edit.
/*eslint-disable block-scoped-var, id-length, no-control-regex, no-magic-numbers, no-mixed-operators, no-prototype-builtins, no-redeclare, no-shadow, no-var, sort-vars, default-case, jsdoc/require-param*/
import $protobuf from "protobufjs/minimal.js";

const $Reader = $protobuf.Reader, $Writer = $protobuf.Writer, $util = $protobuf.util;
const $Object = $util.global.Object, $undefined = $util.global.undefined, $Error = $util.global.Error, $RangeError = $util.global.RangeError;

const $root = $protobuf.roots["runtime.v1"] || ($protobuf.roots["runtime.v1"] = {});

export const runtime = $root.runtime = (() => {

const runtime = {};

runtime.v1 = (function() {

const v1 = {};

v1.VersionRequest = (function() {

const VersionRequest = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

VersionRequest.prototype.version = "";

VersionRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.version != null && $Object.hasOwnProperty.call(m, "version") && m.version !== "")
w.uint32(10).string(m.version);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

VersionRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.VersionRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.version = v;
else
delete m.version;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return VersionRequest;
})();

v1.VersionResponse = (function() {

const VersionResponse = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

VersionResponse.prototype.version = "";
VersionResponse.prototype.runtimeName = "";
VersionResponse.prototype.runtimeVersion = "";
VersionResponse.prototype.runtimeApiVersion = "";

VersionResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.version != null && $Object.hasOwnProperty.call(m, "version") && m.version !== "")
w.uint32(10).string(m.version);
if (m.runtimeName != null && $Object.hasOwnProperty.call(m, "runtimeName") && m.runtimeName !== "")
w.uint32(18).string(m.runtimeName);
if (m.runtimeVersion != null && $Object.hasOwnProperty.call(m, "runtimeVersion") && m.runtimeVersion !== "")
w.uint32(26).string(m.runtimeVersion);
if (m.runtimeApiVersion != null && $Object.hasOwnProperty.call(m, "runtimeApiVersion") && m.runtimeApiVersion !== "")
w.uint32(34).string(m.runtimeApiVersion);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

VersionResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.VersionResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.version = v;
else
delete m.version;
continue;
}
case 2: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.runtimeName = v;
else
delete m.runtimeName;
continue;
}
case 3: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.runtimeVersion = v;
else
delete m.runtimeVersion;
continue;
}
case 4: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.runtimeApiVersion = v;
else
delete m.runtimeApiVersion;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return VersionResponse;
})();

v1.DNSConfig = (function() {

const DNSConfig = function (p) {
this.servers = [];
this.searches = [];
this.options = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

DNSConfig.prototype.servers = $util.emptyArray;
DNSConfig.prototype.searches = $util.emptyArray;
DNSConfig.prototype.options = $util.emptyArray;

DNSConfig.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.servers != null && m.servers.length) {
for (var i = 0; i < m.servers.length; ++i)
w.uint32(10).string(m.servers[i]);
}
if (m.searches != null && m.searches.length) {
for (var i = 0; i < m.searches.length; ++i)
w.uint32(18).string(m.searches[i]);
}
if (m.options != null && m.options.length) {
for (var i = 0; i < m.options.length; ++i)
w.uint32(26).string(m.options[i]);
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

DNSConfig.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.DNSConfig();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if (!(m.servers && m.servers.length))
m.servers = [];
m.servers.push(r.stringVerify());
continue;
}
case 2: {
if (u !== 2)
break;
if (!(m.searches && m.searches.length))
m.searches = [];
m.searches.push(r.stringVerify());
continue;
}
case 3: {
if (u !== 2)
break;
if (!(m.options && m.options.length))
m.options = [];
m.options.push(r.stringVerify());
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return DNSConfig;
})();

v1.Protocol = (function() {
const valuesById = $Object.create(null), values = $Object.create(valuesById);
values[valuesById[0] = "TCP"] = 0;
values[valuesById[1] = "UDP"] = 1;
values[valuesById[2] = "SCTP"] = 2;
return values;
})();

v1.PortMapping = (function() {

const PortMapping = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

PortMapping.prototype.protocol = 0;
PortMapping.prototype.containerPort = 0;
PortMapping.prototype.hostPort = 0;
PortMapping.prototype.hostIp = "";

PortMapping.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.protocol != null && $Object.hasOwnProperty.call(m, "protocol") && m.protocol !== 0)
w.uint32(8).int32(m.protocol);
if (m.containerPort != null && $Object.hasOwnProperty.call(m, "containerPort") && m.containerPort !== 0)
w.uint32(16).int32(m.containerPort);
if (m.hostPort != null && $Object.hasOwnProperty.call(m, "hostPort") && m.hostPort !== 0)
w.uint32(24).int32(m.hostPort);
if (m.hostIp != null && $Object.hasOwnProperty.call(m, "hostIp") && m.hostIp !== "")
w.uint32(34).string(m.hostIp);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

PortMapping.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.PortMapping();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 0)
break;
if (v = r.int32())
m.protocol = v;
else
delete m.protocol;
continue;
}
case 2: {
if (u !== 0)
break;
if (v = r.int32())
m.containerPort = v;
else
delete m.containerPort;
continue;
}
case 3: {
if (u !== 0)
break;
if (v = r.int32())
m.hostPort = v;
else
delete m.hostPort;
continue;
}
case 4: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.hostIp = v;
else
delete m.hostIp;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return PortMapping;
})();

v1.MountPropagation = (function() {
const valuesById = $Object.create(null), values = $Object.create(valuesById);
values[valuesById[0] = "PROPAGATION_PRIVATE"] = 0;
values[valuesById[1] = "PROPAGATION_HOST_TO_CONTAINER"] = 1;
values[valuesById[2] = "PROPAGATION_BIDIRECTIONAL"] = 2;
return values;
})();

v1.Mount = (function() {

const Mount = function (p) {
this.uidMappings = [];
this.gidMappings = [];
this.mountOptions = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

Mount.prototype.containerPath = "";
Mount.prototype.hostPath = "";
Mount.prototype.readonly = false;
Mount.prototype.selinuxRelabel = false;
Mount.prototype.propagation = 0;
Mount.prototype.uidMappings = $util.emptyArray;
Mount.prototype.gidMappings = $util.emptyArray;
Mount.prototype.recursiveReadOnly = false;
Mount.prototype.image = null;
Mount.prototype.imageSubPath = "";
Mount.prototype.mountOptions = $util.emptyArray;

Mount.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.containerPath != null && $Object.hasOwnProperty.call(m, "containerPath") && m.containerPath !== "")
w.uint32(10).string(m.containerPath);
if (m.hostPath != null && $Object.hasOwnProperty.call(m, "hostPath") && m.hostPath !== "")
w.uint32(18).string(m.hostPath);
if (m.readonly != null && $Object.hasOwnProperty.call(m, "readonly") && m.readonly !== false)
w.uint32(24).bool(m.readonly);
if (m.selinuxRelabel != null && $Object.hasOwnProperty.call(m, "selinuxRelabel") && m.selinuxRelabel !== false)
w.uint32(32).bool(m.selinuxRelabel);
if (m.propagation != null && $Object.hasOwnProperty.call(m, "propagation") && m.propagation !== 0)
w.uint32(40).int32(m.propagation);
if (m.uidMappings != null && m.uidMappings.length) {
for (var i = 0; i < m.uidMappings.length; ++i)
$root.runtime.v1.IDMapping.encode(m.uidMappings[i], w.uint32(50).fork(), q + 1).ldelim();
}
if (m.gidMappings != null && m.gidMappings.length) {
for (var i = 0; i < m.gidMappings.length; ++i)
$root.runtime.v1.IDMapping.encode(m.gidMappings[i], w.uint32(58).fork(), q + 1).ldelim();
}
if (m.recursiveReadOnly != null && $Object.hasOwnProperty.call(m, "recursiveReadOnly") && m.recursiveReadOnly !== false)
w.uint32(64).bool(m.recursiveReadOnly);
if (m.image != null && $Object.hasOwnProperty.call(m, "image"))
$root.runtime.v1.ImageSpec.encode(m.image, w.uint32(74).fork(), q + 1).ldelim();
if (m.imageSubPath != null && $Object.hasOwnProperty.call(m, "imageSubPath") && m.imageSubPath !== "")
w.uint32(82).string(m.imageSubPath);
if (m.mountOptions != null && m.mountOptions.length) {
for (var i = 0; i < m.mountOptions.length; ++i)
w.uint32(90).string(m.mountOptions[i]);
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

Mount.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.Mount();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.containerPath = v;
else
delete m.containerPath;
continue;
}
case 2: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.hostPath = v;
else
delete m.hostPath;
continue;
}
case 3: {
if (u !== 0)
break;
if (v = r.bool())
m.readonly = v;
else
delete m.readonly;
continue;
}
case 4: {
if (u !== 0)
break;
if (v = r.bool())
m.selinuxRelabel = v;
else
delete m.selinuxRelabel;
continue;
}
case 5: {
if (u !== 0)
break;
if (v = r.int32())
m.propagation = v;
else
delete m.propagation;
continue;
}
case 6: {
if (u !== 2)
break;
if (!(m.uidMappings && m.uidMappings.length))
m.uidMappings = [];
m.uidMappings.push($root.runtime.v1.IDMapping.decode(r, r.size(), $undefined, q + 1));
continue;
}
case 7: {
if (u !== 2)
break;
if (!(m.gidMappings && m.gidMappings.length))
m.gidMappings = [];
m.gidMappings.push($root.runtime.v1.IDMapping.decode(r, r.size(), $undefined, q + 1));
continue;
}
case 8: {
if (u !== 0)
break;
if (v = r.bool())
m.recursiveReadOnly = v;
else
delete m.recursiveReadOnly;
continue;
}
case 9: {
if (u !== 2)
break;
m.image = $root.runtime.v1.ImageSpec.decode(r, r.size(), $undefined, q + 1, m.image);
continue;
}
case 10: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.imageSubPath = v;
else
delete m.imageSubPath;
continue;
}
case 11: {
if (u !== 2)
break;
if (!(m.mountOptions && m.mountOptions.length))
m.mountOptions = [];
m.mountOptions.push(r.stringVerify());
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return Mount;
})();

v1.IDMapping = (function() {

const IDMapping = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

IDMapping.prototype.hostId = 0;
IDMapping.prototype.containerId = 0;
IDMapping.prototype.length = 0;

IDMapping.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.hostId != null && $Object.hasOwnProperty.call(m, "hostId") && m.hostId !== 0)
w.uint32(8).uint32(m.hostId);
if (m.containerId != null && $Object.hasOwnProperty.call(m, "containerId") && m.containerId !== 0)
w.uint32(16).uint32(m.containerId);
if (m.length != null && $Object.hasOwnProperty.call(m, "length") && m.length !== 0)
w.uint32(24).uint32(m.length);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

IDMapping.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.IDMapping();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 0)
break;
if (v = r.uint32())
m.hostId = v;
else
delete m.hostId;
continue;
}
case 2: {
if (u !== 0)
break;
if (v = r.uint32())
m.containerId = v;
else
delete m.containerId;
continue;
}
case 3: {
if (u !== 0)
break;
if (v = r.uint32())
m.length = v;
else
delete m.length;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return IDMapping;
})();

v1.NamespaceMode = (function() {
const valuesById = $Object.create(null), values = $Object.create(valuesById);
values[valuesById[0] = "POD"] = 0;
values[valuesById[1] = "CONTAINER"] = 1;
values[valuesById[2] = "NODE"] = 2;
values[valuesById[3] = "TARGET"] = 3;
return values;
})();

v1.UserNamespace = (function() {

const UserNamespace = function (p) {
this.uids = [];
this.gids = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

UserNamespace.prototype.mode = 0;
UserNamespace.prototype.uids = $util.emptyArray;
UserNamespace.prototype.gids = $util.emptyArray;

UserNamespace.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.mode != null && $Object.hasOwnProperty.call(m, "mode") && m.mode !== 0)
w.uint32(8).int32(m.mode);
if (m.uids != null && m.uids.length) {
for (var i = 0; i < m.uids.length; ++i)
$root.runtime.v1.IDMapping.encode(m.uids[i], w.uint32(18).fork(), q + 1).ldelim();
}
if (m.gids != null && m.gids.length) {
for (var i = 0; i < m.gids.length; ++i)
$root.runtime.v1.IDMapping.encode(m.gids[i], w.uint32(26).fork(), q + 1).ldelim();
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

UserNamespace.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.UserNamespace();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 0)
break;
if (v = r.int32())
m.mode = v;
else
delete m.mode;
continue;
}
case 2: {
if (u !== 2)
break;
if (!(m.uids && m.uids.length))
m.uids = [];
m.uids.push($root.runtime.v1.IDMapping.decode(r, r.size(), $undefined, q + 1));
continue;
}
case 3: {
if (u !== 2)
break;
if (!(m.gids && m.gids.length))
m.gids = [];
m.gids.push($root.runtime.v1.IDMapping.decode(r, r.size(), $undefined, q + 1));
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return UserNamespace;
})();

v1.NamespaceOption = (function() {

const NamespaceOption = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

NamespaceOption.prototype.network = 0;
NamespaceOption.prototype.pid = 0;
NamespaceOption.prototype.ipc = 0;
NamespaceOption.prototype.targetId = "";
NamespaceOption.prototype.usernsOptions = null;

NamespaceOption.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.network != null && $Object.hasOwnProperty.call(m, "network") && m.network !== 0)
w.uint32(8).int32(m.network);
if (m.pid != null && $Object.hasOwnProperty.call(m, "pid") && m.pid !== 0)
w.uint32(16).int32(m.pid);
if (m.ipc != null && $Object.hasOwnProperty.call(m, "ipc") && m.ipc !== 0)
w.uint32(24).int32(m.ipc);
if (m.targetId != null && $Object.hasOwnProperty.call(m, "targetId") && m.targetId !== "")
w.uint32(34).string(m.targetId);
if (m.usernsOptions != null && $Object.hasOwnProperty.call(m, "usernsOptions"))
$root.runtime.v1.UserNamespace.encode(m.usernsOptions, w.uint32(42).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

NamespaceOption.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.NamespaceOption();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 0)
break;
if (v = r.int32())
m.network = v;
else
delete m.network;
continue;
}
case 2: {
if (u !== 0)
break;
if (v = r.int32())
m.pid = v;
else
delete m.pid;
continue;
}
case 3: {
if (u !== 0)
break;
if (v = r.int32())
m.ipc = v;
else
delete m.ipc;
continue;
}
case 4: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.targetId = v;
else
delete m.targetId;
continue;
}
case 5: {
if (u !== 2)
break;
m.usernsOptions = $root.runtime.v1.UserNamespace.decode(r, r.size(), $undefined, q + 1, m.usernsOptions);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return NamespaceOption;
})();

v1.SupplementalGroupsPolicy = (function() {
const valuesById = $Object.create(null), values = $Object.create(valuesById);
values[valuesById[0] = "Merge"] = 0;
values[valuesById[1] = "Strict"] = 1;
return values;
})();

v1.Int64Value = (function() {

const Int64Value = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

Int64Value.prototype.value = $util.Long ? $util.Long.fromBits(0,0,false) : 0;

Int64Value.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.value != null && $Object.hasOwnProperty.call(m, "value") && (typeof m.value === "object" ? m.value.low || m.value.high : m.value !== 0))
w.uint32(8).int64(m.value);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

Int64Value.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.Int64Value();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 0)
break;
if (typeof (v = r.int64()) === "object" ? v.low || v.high : v !== 0)
m.value = v;
else
delete m.value;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return Int64Value;
})();

v1.LinuxSandboxSecurityContext = (function() {

const LinuxSandboxSecurityContext = function (p) {
this.supplementalGroups = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

LinuxSandboxSecurityContext.prototype.namespaceOptions = null;
LinuxSandboxSecurityContext.prototype.selinuxOptions = null;
LinuxSandboxSecurityContext.prototype.runAsUser = null;
LinuxSandboxSecurityContext.prototype.runAsGroup = null;
LinuxSandboxSecurityContext.prototype.readonlyRootfs = false;
LinuxSandboxSecurityContext.prototype.supplementalGroups = $util.emptyArray;
LinuxSandboxSecurityContext.prototype.supplementalGroupsPolicy = 0;
LinuxSandboxSecurityContext.prototype.privileged = false;
LinuxSandboxSecurityContext.prototype.seccomp = null;
LinuxSandboxSecurityContext.prototype.apparmor = null;
LinuxSandboxSecurityContext.prototype.seccompProfilePath = "";

LinuxSandboxSecurityContext.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.namespaceOptions != null && $Object.hasOwnProperty.call(m, "namespaceOptions"))
$root.runtime.v1.NamespaceOption.encode(m.namespaceOptions, w.uint32(10).fork(), q + 1).ldelim();
if (m.selinuxOptions != null && $Object.hasOwnProperty.call(m, "selinuxOptions"))
$root.runtime.v1.SELinuxOption.encode(m.selinuxOptions, w.uint32(18).fork(), q + 1).ldelim();
if (m.runAsUser != null && $Object.hasOwnProperty.call(m, "runAsUser"))
$root.runtime.v1.Int64Value.encode(m.runAsUser, w.uint32(26).fork(), q + 1).ldelim();
if (m.readonlyRootfs != null && $Object.hasOwnProperty.call(m, "readonlyRootfs") && m.readonlyRootfs !== false)
w.uint32(32).bool(m.readonlyRootfs);
if (m.supplementalGroups != null && m.supplementalGroups.length) {
w.uint32(42).int64s(m.supplementalGroups);
}
if (m.privileged != null && $Object.hasOwnProperty.call(m, "privileged") && m.privileged !== false)
w.uint32(48).bool(m.privileged);
if (m.seccompProfilePath != null && $Object.hasOwnProperty.call(m, "seccompProfilePath") && m.seccompProfilePath !== "")
w.uint32(58).string(m.seccompProfilePath);
if (m.runAsGroup != null && $Object.hasOwnProperty.call(m, "runAsGroup"))
$root.runtime.v1.Int64Value.encode(m.runAsGroup, w.uint32(66).fork(), q + 1).ldelim();
if (m.seccomp != null && $Object.hasOwnProperty.call(m, "seccomp"))
$root.runtime.v1.SecurityProfile.encode(m.seccomp, w.uint32(74).fork(), q + 1).ldelim();
if (m.apparmor != null && $Object.hasOwnProperty.call(m, "apparmor"))
$root.runtime.v1.SecurityProfile.encode(m.apparmor, w.uint32(82).fork(), q + 1).ldelim();
if (m.supplementalGroupsPolicy != null && $Object.hasOwnProperty.call(m, "supplementalGroupsPolicy") && m.supplementalGroupsPolicy !== 0)
w.uint32(88).int32(m.supplementalGroupsPolicy);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

LinuxSandboxSecurityContext.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.LinuxSandboxSecurityContext();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
m.namespaceOptions = $root.runtime.v1.NamespaceOption.decode(r, r.size(), $undefined, q + 1, m.namespaceOptions);
continue;
}
case 2: {
if (u !== 2)
break;
m.selinuxOptions = $root.runtime.v1.SELinuxOption.decode(r, r.size(), $undefined, q + 1, m.selinuxOptions);
continue;
}
case 3: {
if (u !== 2)
break;
m.runAsUser = $root.runtime.v1.Int64Value.decode(r, r.size(), $undefined, q + 1, m.runAsUser);
continue;
}
case 8: {
if (u !== 2)
break;
m.runAsGroup = $root.runtime.v1.Int64Value.decode(r, r.size(), $undefined, q + 1, m.runAsGroup);
continue;
}
case 4: {
if (u !== 0)
break;
if (v = r.bool())
m.readonlyRootfs = v;
else
delete m.readonlyRootfs;
continue;
}
case 5: {
if (u === 2) {
if (!(m.supplementalGroups && m.supplementalGroups.length))
m.supplementalGroups = [];
r.int64s(m.supplementalGroups);
continue;
}
if (u !== 0)
break;
if (!(m.supplementalGroups && m.supplementalGroups.length))
m.supplementalGroups = [];
m.supplementalGroups.push(r.int64());
continue;
}
case 11: {
if (u !== 0)
break;
if (v = r.int32())
m.supplementalGroupsPolicy = v;
else
delete m.supplementalGroupsPolicy;
continue;
}
case 6: {
if (u !== 0)
break;
if (v = r.bool())
m.privileged = v;
else
delete m.privileged;
continue;
}
case 9: {
if (u !== 2)
break;
m.seccomp = $root.runtime.v1.SecurityProfile.decode(r, r.size(), $undefined, q + 1, m.seccomp);
continue;
}
case 10: {
if (u !== 2)
break;
m.apparmor = $root.runtime.v1.SecurityProfile.decode(r, r.size(), $undefined, q + 1, m.apparmor);
continue;
}
case 7: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.seccompProfilePath = v;
else
delete m.seccompProfilePath;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return LinuxSandboxSecurityContext;
})();

v1.SecurityProfile = (function() {

const SecurityProfile = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

SecurityProfile.prototype.profileType = 0;
SecurityProfile.prototype.localhostRef = "";

SecurityProfile.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.profileType != null && $Object.hasOwnProperty.call(m, "profileType") && m.profileType !== 0)
w.uint32(8).int32(m.profileType);
if (m.localhostRef != null && $Object.hasOwnProperty.call(m, "localhostRef") && m.localhostRef !== "")
w.uint32(18).string(m.localhostRef);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

SecurityProfile.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.SecurityProfile();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 0)
break;
if (v = r.int32())
m.profileType = v;
else
delete m.profileType;
continue;
}
case 2: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.localhostRef = v;
else
delete m.localhostRef;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

SecurityProfile.ProfileType = (function() {
const valuesById = $Object.create(null), values = $Object.create(valuesById);
values[valuesById[0] = "RuntimeDefault"] = 0;
values[valuesById[1] = "Unconfined"] = 1;
values[valuesById[2] = "Localhost"] = 2;
return values;
})();

return SecurityProfile;
})();

v1.LinuxPodSandboxConfig = (function() {

const LinuxPodSandboxConfig = function (p) {
this.sysctls = {};
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

LinuxPodSandboxConfig.prototype.cgroupParent = "";
LinuxPodSandboxConfig.prototype.securityContext = null;
LinuxPodSandboxConfig.prototype.sysctls = $util.emptyObject;
LinuxPodSandboxConfig.prototype.overhead = null;
LinuxPodSandboxConfig.prototype.resources = null;

LinuxPodSandboxConfig.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.cgroupParent != null && $Object.hasOwnProperty.call(m, "cgroupParent") && m.cgroupParent !== "")
w.uint32(10).string(m.cgroupParent);
if (m.securityContext != null && $Object.hasOwnProperty.call(m, "securityContext"))
$root.runtime.v1.LinuxSandboxSecurityContext.encode(m.securityContext, w.uint32(18).fork(), q + 1).ldelim();
if (m.sysctls != null && $Object.hasOwnProperty.call(m, "sysctls")) {
for (var ks = $Object.keys(m.sysctls), i = 0; i < ks.length; ++i) {
w.uint32(26).fork().uint32(10).string(ks[i]).uint32(18).string(m.sysctls[ks[i]]).ldelim();
}
}
if (m.overhead != null && $Object.hasOwnProperty.call(m, "overhead"))
$root.runtime.v1.LinuxContainerResources.encode(m.overhead, w.uint32(34).fork(), q + 1).ldelim();
if (m.resources != null && $Object.hasOwnProperty.call(m, "resources"))
$root.runtime.v1.LinuxContainerResources.encode(m.resources, w.uint32(42).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

LinuxPodSandboxConfig.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, k, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.LinuxPodSandboxConfig();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.cgroupParent = v;
else
delete m.cgroupParent;
continue;
}
case 2: {
if (u !== 2)
break;
m.securityContext = $root.runtime.v1.LinuxSandboxSecurityContext.decode(r, r.size(), $undefined, q + 1, m.securityContext);
continue;
}
case 3: {
if (u !== 2)
break;
if (m.sysctls === $util.emptyObject)
m.sysctls = {};
var c2 = r.size() + r.pos;
if (c2 > r.len)
throw $RangeError("index out of range");
r.len = c2;
k = "";
v = "";
while (r.pos < c2) {
var t2 = r.tag();
u = t2 & 7;
switch (t2 >>>= 3) {
case 1:
if (u !== 2)
break;
k = r.stringVerify();
continue;
case 2:
if (u !== 2)
break;
v = r.stringVerify();
continue;
}
r.skipType(u, q, t2);
}
if (r.pos !== c2)
throw $RangeError("index out of range");
r.len = c;
if (k === "__proto__")
$util.makeProp(m.sysctls, k);
m.sysctls[k] = v;
continue;
}
case 4: {
if (u !== 2)
break;
m.overhead = $root.runtime.v1.LinuxContainerResources.decode(r, r.size(), $undefined, q + 1, m.overhead);
continue;
}
case 5: {
if (u !== 2)
break;
m.resources = $root.runtime.v1.LinuxContainerResources.decode(r, r.size(), $undefined, q + 1, m.resources);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return LinuxPodSandboxConfig;
})();

v1.PodSandboxMetadata = (function() {

const PodSandboxMetadata = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

PodSandboxMetadata.prototype.name = "";
PodSandboxMetadata.prototype.uid = "";
PodSandboxMetadata.prototype.namespace = "";
PodSandboxMetadata.prototype.attempt = 0;

PodSandboxMetadata.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.name != null && $Object.hasOwnProperty.call(m, "name") && m.name !== "")
w.uint32(10).string(m.name);
if (m.uid != null && $Object.hasOwnProperty.call(m, "uid") && m.uid !== "")
w.uint32(18).string(m.uid);
if (m.namespace != null && $Object.hasOwnProperty.call(m, "namespace") && m.namespace !== "")
w.uint32(26).string(m.namespace);
if (m.attempt != null && $Object.hasOwnProperty.call(m, "attempt") && m.attempt !== 0)
w.uint32(32).uint32(m.attempt);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

PodSandboxMetadata.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.PodSandboxMetadata();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.name = v;
else
delete m.name;
continue;
}
case 2: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.uid = v;
else
delete m.uid;
continue;
}
case 3: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.namespace = v;
else
delete m.namespace;
continue;
}
case 4: {
if (u !== 0)
break;
if (v = r.uint32())
m.attempt = v;
else
delete m.attempt;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return PodSandboxMetadata;
})();

v1.PodSandboxConfig = (function() {

const PodSandboxConfig = function (p) {
this.portMappings = [];
this.labels = {};
this.annotations = {};
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

PodSandboxConfig.prototype.metadata = null;
PodSandboxConfig.prototype.hostname = "";
PodSandboxConfig.prototype.logDirectory = "";
PodSandboxConfig.prototype.dnsConfig = null;
PodSandboxConfig.prototype.portMappings = $util.emptyArray;
PodSandboxConfig.prototype.labels = $util.emptyObject;
PodSandboxConfig.prototype.annotations = $util.emptyObject;
PodSandboxConfig.prototype.linux = null;
PodSandboxConfig.prototype.windows = null;

PodSandboxConfig.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.metadata != null && $Object.hasOwnProperty.call(m, "metadata"))
$root.runtime.v1.PodSandboxMetadata.encode(m.metadata, w.uint32(10).fork(), q + 1).ldelim();
if (m.hostname != null && $Object.hasOwnProperty.call(m, "hostname") && m.hostname !== "")
w.uint32(18).string(m.hostname);
if (m.logDirectory != null && $Object.hasOwnProperty.call(m, "logDirectory") && m.logDirectory !== "")
w.uint32(26).string(m.logDirectory);
if (m.dnsConfig != null && $Object.hasOwnProperty.call(m, "dnsConfig"))
$root.runtime.v1.DNSConfig.encode(m.dnsConfig, w.uint32(34).fork(), q + 1).ldelim();
if (m.portMappings != null && m.portMappings.length) {
for (var i = 0; i < m.portMappings.length; ++i)
$root.runtime.v1.PortMapping.encode(m.portMappings[i], w.uint32(42).fork(), q + 1).ldelim();
}
if (m.labels != null && $Object.hasOwnProperty.call(m, "labels")) {
for (var ks = $Object.keys(m.labels), i = 0; i < ks.length; ++i) {
w.uint32(50).fork().uint32(10).string(ks[i]).uint32(18).string(m.labels[ks[i]]).ldelim();
}
}
if (m.annotations != null && $Object.hasOwnProperty.call(m, "annotations")) {
for (var ks = $Object.keys(m.annotations), i = 0; i < ks.length; ++i) {
w.uint32(58).fork().uint32(10).string(ks[i]).uint32(18).string(m.annotations[ks[i]]).ldelim();
}
}
if (m.linux != null && $Object.hasOwnProperty.call(m, "linux"))
$root.runtime.v1.LinuxPodSandboxConfig.encode(m.linux, w.uint32(66).fork(), q + 1).ldelim();
if (m.windows != null && $Object.hasOwnProperty.call(m, "windows"))
$root.runtime.v1.WindowsPodSandboxConfig.encode(m.windows, w.uint32(74).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

PodSandboxConfig.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, k, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.PodSandboxConfig();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
m.metadata = $root.runtime.v1.PodSandboxMetadata.decode(r, r.size(), $undefined, q + 1, m.metadata);
continue;
}
case 2: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.hostname = v;
else
delete m.hostname;
continue;
}
case 3: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.logDirectory = v;
else
delete m.logDirectory;
continue;
}
case 4: {
if (u !== 2)
break;
m.dnsConfig = $root.runtime.v1.DNSConfig.decode(r, r.size(), $undefined, q + 1, m.dnsConfig);
continue;
}
case 5: {
if (u !== 2)
break;
if (!(m.portMappings && m.portMappings.length))
m.portMappings = [];
m.portMappings.push($root.runtime.v1.PortMapping.decode(r, r.size(), $undefined, q + 1));
continue;
}
case 6: {
if (u !== 2)
break;
if (m.labels === $util.emptyObject)
m.labels = {};
var c2 = r.size() + r.pos;
if (c2 > r.len)
throw $RangeError("index out of range");
r.len = c2;
k = "";
v = "";
while (r.pos < c2) {
var t2 = r.tag();
u = t2 & 7;
switch (t2 >>>= 3) {
case 1:
if (u !== 2)
break;
k = r.stringVerify();
continue;
case 2:
if (u !== 2)
break;
v = r.stringVerify();
continue;
}
r.skipType(u, q, t2);
}
if (r.pos !== c2)
throw $RangeError("index out of range");
r.len = c;
if (k === "__proto__")
$util.makeProp(m.labels, k);
m.labels[k] = v;
continue;
}
case 7: {
if (u !== 2)
break;
if (m.annotations === $util.emptyObject)
m.annotations = {};
var c2 = r.size() + r.pos;
if (c2 > r.len)
throw $RangeError("index out of range");
r.len = c2;
k = "";
v = "";
while (r.pos < c2) {
var t2 = r.tag();
u = t2 & 7;
switch (t2 >>>= 3) {
case 1:
if (u !== 2)
break;
k = r.stringVerify();
continue;
case 2:
if (u !== 2)
break;
v = r.stringVerify();
continue;
}
r.skipType(u, q, t2);
}
if (r.pos !== c2)
throw $RangeError("index out of range");
r.len = c;
if (k === "__proto__")
$util.makeProp(m.annotations, k);
m.annotations[k] = v;
continue;
}
case 8: {
if (u !== 2)
break;
m.linux = $root.runtime.v1.LinuxPodSandboxConfig.decode(r, r.size(), $undefined, q + 1, m.linux);
continue;
}
case 9: {
if (u !== 2)
break;
m.windows = $root.runtime.v1.WindowsPodSandboxConfig.decode(r, r.size(), $undefined, q + 1, m.windows);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return PodSandboxConfig;
})();

v1.RunPodSandboxRequest = (function() {

const RunPodSandboxRequest = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

RunPodSandboxRequest.prototype.config = null;
RunPodSandboxRequest.prototype.runtimeHandler = "";

RunPodSandboxRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.config != null && $Object.hasOwnProperty.call(m, "config"))
$root.runtime.v1.PodSandboxConfig.encode(m.config, w.uint32(10).fork(), q + 1).ldelim();
if (m.runtimeHandler != null && $Object.hasOwnProperty.call(m, "runtimeHandler") && m.runtimeHandler !== "")
w.uint32(18).string(m.runtimeHandler);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

RunPodSandboxRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.RunPodSandboxRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
m.config = $root.runtime.v1.PodSandboxConfig.decode(r, r.size(), $undefined, q + 1, m.config);
continue;
}
case 2: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.runtimeHandler = v;
else
delete m.runtimeHandler;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return RunPodSandboxRequest;
})();

v1.RunPodSandboxResponse = (function() {

const RunPodSandboxResponse = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

RunPodSandboxResponse.prototype.podSandboxId = "";

RunPodSandboxResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.podSandboxId != null && $Object.hasOwnProperty.call(m, "podSandboxId") && m.podSandboxId !== "")
w.uint32(10).string(m.podSandboxId);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

RunPodSandboxResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.RunPodSandboxResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.podSandboxId = v;
else
delete m.podSandboxId;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return RunPodSandboxResponse;
})();

v1.StopPodSandboxRequest = (function() {

const StopPodSandboxRequest = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

StopPodSandboxRequest.prototype.podSandboxId = "";

StopPodSandboxRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.podSandboxId != null && $Object.hasOwnProperty.call(m, "podSandboxId") && m.podSandboxId !== "")
w.uint32(10).string(m.podSandboxId);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

StopPodSandboxRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.StopPodSandboxRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.podSandboxId = v;
else
delete m.podSandboxId;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return StopPodSandboxRequest;
})();

v1.StopPodSandboxResponse = (function() {

const StopPodSandboxResponse = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

StopPodSandboxResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

StopPodSandboxResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.StopPodSandboxResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
r.skipType(t & 7, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return StopPodSandboxResponse;
})();

v1.RemovePodSandboxRequest = (function() {

const RemovePodSandboxRequest = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

RemovePodSandboxRequest.prototype.podSandboxId = "";

RemovePodSandboxRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.podSandboxId != null && $Object.hasOwnProperty.call(m, "podSandboxId") && m.podSandboxId !== "")
w.uint32(10).string(m.podSandboxId);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

RemovePodSandboxRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.RemovePodSandboxRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.podSandboxId = v;
else
delete m.podSandboxId;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return RemovePodSandboxRequest;
})();

v1.RemovePodSandboxResponse = (function() {

const RemovePodSandboxResponse = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

RemovePodSandboxResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

RemovePodSandboxResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.RemovePodSandboxResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
r.skipType(t & 7, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return RemovePodSandboxResponse;
})();

v1.PodSandboxStatusRequest = (function() {

const PodSandboxStatusRequest = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

PodSandboxStatusRequest.prototype.podSandboxId = "";
PodSandboxStatusRequest.prototype.verbose = false;

PodSandboxStatusRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.podSandboxId != null && $Object.hasOwnProperty.call(m, "podSandboxId") && m.podSandboxId !== "")
w.uint32(10).string(m.podSandboxId);
if (m.verbose != null && $Object.hasOwnProperty.call(m, "verbose") && m.verbose !== false)
w.uint32(16).bool(m.verbose);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

PodSandboxStatusRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.PodSandboxStatusRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.podSandboxId = v;
else
delete m.podSandboxId;
continue;
}
case 2: {
if (u !== 0)
break;
if (v = r.bool())
m.verbose = v;
else
delete m.verbose;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return PodSandboxStatusRequest;
})();

v1.PodIP = (function() {

const PodIP = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

PodIP.prototype.ip = "";

PodIP.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.ip != null && $Object.hasOwnProperty.call(m, "ip") && m.ip !== "")
w.uint32(10).string(m.ip);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

PodIP.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.PodIP();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.ip = v;
else
delete m.ip;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return PodIP;
})();

v1.PodSandboxNetworkStatus = (function() {

const PodSandboxNetworkStatus = function (p) {
this.additionalIps = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

PodSandboxNetworkStatus.prototype.ip = "";
PodSandboxNetworkStatus.prototype.additionalIps = $util.emptyArray;

PodSandboxNetworkStatus.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.ip != null && $Object.hasOwnProperty.call(m, "ip") && m.ip !== "")
w.uint32(10).string(m.ip);
if (m.additionalIps != null && m.additionalIps.length) {
for (var i = 0; i < m.additionalIps.length; ++i)
$root.runtime.v1.PodIP.encode(m.additionalIps[i], w.uint32(18).fork(), q + 1).ldelim();
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

PodSandboxNetworkStatus.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.PodSandboxNetworkStatus();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.ip = v;
else
delete m.ip;
continue;
}
case 2: {
if (u !== 2)
break;
if (!(m.additionalIps && m.additionalIps.length))
m.additionalIps = [];
m.additionalIps.push($root.runtime.v1.PodIP.decode(r, r.size(), $undefined, q + 1));
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return PodSandboxNetworkStatus;
})();

v1.Namespace = (function() {

const Namespace = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

Namespace.prototype.options = null;

Namespace.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.options != null && $Object.hasOwnProperty.call(m, "options"))
$root.runtime.v1.NamespaceOption.encode(m.options, w.uint32(18).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

Namespace.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.Namespace();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 2: {
if (u !== 2)
break;
m.options = $root.runtime.v1.NamespaceOption.decode(r, r.size(), $undefined, q + 1, m.options);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return Namespace;
})();

v1.LinuxPodSandboxStatus = (function() {

const LinuxPodSandboxStatus = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

LinuxPodSandboxStatus.prototype.namespaces = null;

LinuxPodSandboxStatus.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.namespaces != null && $Object.hasOwnProperty.call(m, "namespaces"))
$root.runtime.v1.Namespace.encode(m.namespaces, w.uint32(10).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

LinuxPodSandboxStatus.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.LinuxPodSandboxStatus();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
m.namespaces = $root.runtime.v1.Namespace.decode(r, r.size(), $undefined, q + 1, m.namespaces);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return LinuxPodSandboxStatus;
})();

v1.PodSandboxState = (function() {
const valuesById = $Object.create(null), values = $Object.create(valuesById);
values[valuesById[0] = "SANDBOX_READY"] = 0;
values[valuesById[1] = "SANDBOX_NOTREADY"] = 1;
return values;
})();

v1.PodSandboxStatus = (function() {

const PodSandboxStatus = function (p) {
this.labels = {};
this.annotations = {};
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

PodSandboxStatus.prototype.id = "";
PodSandboxStatus.prototype.metadata = null;
PodSandboxStatus.prototype.state = 0;
PodSandboxStatus.prototype.createdAt = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
PodSandboxStatus.prototype.network = null;
PodSandboxStatus.prototype.linux = null;
PodSandboxStatus.prototype.labels = $util.emptyObject;
PodSandboxStatus.prototype.annotations = $util.emptyObject;
PodSandboxStatus.prototype.runtimeHandler = "";

PodSandboxStatus.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.id != null && $Object.hasOwnProperty.call(m, "id") && m.id !== "")
w.uint32(10).string(m.id);
if (m.metadata != null && $Object.hasOwnProperty.call(m, "metadata"))
$root.runtime.v1.PodSandboxMetadata.encode(m.metadata, w.uint32(18).fork(), q + 1).ldelim();
if (m.state != null && $Object.hasOwnProperty.call(m, "state") && m.state !== 0)
w.uint32(24).int32(m.state);
if (m.createdAt != null && $Object.hasOwnProperty.call(m, "createdAt") && (typeof m.createdAt === "object" ? m.createdAt.low || m.createdAt.high : m.createdAt !== 0))
w.uint32(32).int64(m.createdAt);
if (m.network != null && $Object.hasOwnProperty.call(m, "network"))
$root.runtime.v1.PodSandboxNetworkStatus.encode(m.network, w.uint32(42).fork(), q + 1).ldelim();
if (m.linux != null && $Object.hasOwnProperty.call(m, "linux"))
$root.runtime.v1.LinuxPodSandboxStatus.encode(m.linux, w.uint32(50).fork(), q + 1).ldelim();
if (m.labels != null && $Object.hasOwnProperty.call(m, "labels")) {
for (var ks = $Object.keys(m.labels), i = 0; i < ks.length; ++i) {
w.uint32(58).fork().uint32(10).string(ks[i]).uint32(18).string(m.labels[ks[i]]).ldelim();
}
}
if (m.annotations != null && $Object.hasOwnProperty.call(m, "annotations")) {
for (var ks = $Object.keys(m.annotations), i = 0; i < ks.length; ++i) {
w.uint32(66).fork().uint32(10).string(ks[i]).uint32(18).string(m.annotations[ks[i]]).ldelim();
}
}
if (m.runtimeHandler != null && $Object.hasOwnProperty.call(m, "runtimeHandler") && m.runtimeHandler !== "")
w.uint32(74).string(m.runtimeHandler);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

PodSandboxStatus.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, k, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.PodSandboxStatus();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.id = v;
else
delete m.id;
continue;
}
case 2: {
if (u !== 2)
break;
m.metadata = $root.runtime.v1.PodSandboxMetadata.decode(r, r.size(), $undefined, q + 1, m.metadata);
continue;
}
case 3: {
if (u !== 0)
break;
if (v = r.int32())
m.state = v;
else
delete m.state;
continue;
}
case 4: {
if (u !== 0)
break;
if (typeof (v = r.int64()) === "object" ? v.low || v.high : v !== 0)
m.createdAt = v;
else
delete m.createdAt;
continue;
}
case 5: {
if (u !== 2)
break;
m.network = $root.runtime.v1.PodSandboxNetworkStatus.decode(r, r.size(), $undefined, q + 1, m.network);
continue;
}
case 6: {
if (u !== 2)
break;
m.linux = $root.runtime.v1.LinuxPodSandboxStatus.decode(r, r.size(), $undefined, q + 1, m.linux);
continue;
}
case 7: {
if (u !== 2)
break;
if (m.labels === $util.emptyObject)
m.labels = {};
var c2 = r.size() + r.pos;
if (c2 > r.len)
throw $RangeError("index out of range");
r.len = c2;
k = "";
v = "";
while (r.pos < c2) {
var t2 = r.tag();
u = t2 & 7;
switch (t2 >>>= 3) {
case 1:
if (u !== 2)
break;
k = r.stringVerify();
continue;
case 2:
if (u !== 2)
break;
v = r.stringVerify();
continue;
}
r.skipType(u, q, t2);
}
if (r.pos !== c2)
throw $RangeError("index out of range");
r.len = c;
if (k === "__proto__")
$util.makeProp(m.labels, k);
m.labels[k] = v;
continue;
}
case 8: {
if (u !== 2)
break;
if (m.annotations === $util.emptyObject)
m.annotations = {};
var c2 = r.size() + r.pos;
if (c2 > r.len)
throw $RangeError("index out of range");
r.len = c2;
k = "";
v = "";
while (r.pos < c2) {
var t2 = r.tag();
u = t2 & 7;
switch (t2 >>>= 3) {
case 1:
if (u !== 2)
break;
k = r.stringVerify();
continue;
case 2:
if (u !== 2)
break;
v = r.stringVerify();
continue;
}
r.skipType(u, q, t2);
}
if (r.pos !== c2)
throw $RangeError("index out of range");
r.len = c;
if (k === "__proto__")
$util.makeProp(m.annotations, k);
m.annotations[k] = v;
continue;
}
case 9: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.runtimeHandler = v;
else
delete m.runtimeHandler;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return PodSandboxStatus;
})();

v1.PodSandboxStatusResponse = (function() {

const PodSandboxStatusResponse = function (p) {
this.info = {};
this.containersStatuses = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

PodSandboxStatusResponse.prototype.status = null;
PodSandboxStatusResponse.prototype.info = $util.emptyObject;
PodSandboxStatusResponse.prototype.containersStatuses = $util.emptyArray;
PodSandboxStatusResponse.prototype.timestamp = $util.Long ? $util.Long.fromBits(0,0,false) : 0;

PodSandboxStatusResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.status != null && $Object.hasOwnProperty.call(m, "status"))
$root.runtime.v1.PodSandboxStatus.encode(m.status, w.uint32(10).fork(), q + 1).ldelim();
if (m.info != null && $Object.hasOwnProperty.call(m, "info")) {
for (var ks = $Object.keys(m.info), i = 0; i < ks.length; ++i) {
w.uint32(18).fork().uint32(10).string(ks[i]).uint32(18).string(m.info[ks[i]]).ldelim();
}
}
if (m.containersStatuses != null && m.containersStatuses.length) {
for (var i = 0; i < m.containersStatuses.length; ++i)
$root.runtime.v1.ContainerStatus.encode(m.containersStatuses[i], w.uint32(26).fork(), q + 1).ldelim();
}
if (m.timestamp != null && $Object.hasOwnProperty.call(m, "timestamp") && (typeof m.timestamp === "object" ? m.timestamp.low || m.timestamp.high : m.timestamp !== 0))
w.uint32(32).int64(m.timestamp);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

PodSandboxStatusResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, k, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.PodSandboxStatusResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
m.status = $root.runtime.v1.PodSandboxStatus.decode(r, r.size(), $undefined, q + 1, m.status);
continue;
}
case 2: {
if (u !== 2)
break;
if (m.info === $util.emptyObject)
m.info = {};
var c2 = r.size() + r.pos;
if (c2 > r.len)
throw $RangeError("index out of range");
r.len = c2;
k = "";
v = "";
while (r.pos < c2) {
var t2 = r.tag();
u = t2 & 7;
switch (t2 >>>= 3) {
case 1:
if (u !== 2)
break;
k = r.stringVerify();
continue;
case 2:
if (u !== 2)
break;
v = r.stringVerify();
continue;
}
r.skipType(u, q, t2);
}
if (r.pos !== c2)
throw $RangeError("index out of range");
r.len = c;
if (k === "__proto__")
$util.makeProp(m.info, k);
m.info[k] = v;
continue;
}
case 3: {
if (u !== 2)
break;
if (!(m.containersStatuses && m.containersStatuses.length))
m.containersStatuses = [];
m.containersStatuses.push($root.runtime.v1.ContainerStatus.decode(r, r.size(), $undefined, q + 1));
continue;
}
case 4: {
if (u !== 0)
break;
if (typeof (v = r.int64()) === "object" ? v.low || v.high : v !== 0)
m.timestamp = v;
else
delete m.timestamp;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return PodSandboxStatusResponse;
})();

v1.PodSandboxStateValue = (function() {

const PodSandboxStateValue = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

PodSandboxStateValue.prototype.state = 0;

PodSandboxStateValue.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.state != null && $Object.hasOwnProperty.call(m, "state") && m.state !== 0)
w.uint32(8).int32(m.state);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

PodSandboxStateValue.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.PodSandboxStateValue();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 0)
break;
if (v = r.int32())
m.state = v;
else
delete m.state;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return PodSandboxStateValue;
})();

v1.PodSandboxFilter = (function() {

const PodSandboxFilter = function (p) {
this.labelSelector = {};
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

PodSandboxFilter.prototype.id = "";
PodSandboxFilter.prototype.state = null;
PodSandboxFilter.prototype.labelSelector = $util.emptyObject;

PodSandboxFilter.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.id != null && $Object.hasOwnProperty.call(m, "id") && m.id !== "")
w.uint32(10).string(m.id);
if (m.state != null && $Object.hasOwnProperty.call(m, "state"))
$root.runtime.v1.PodSandboxStateValue.encode(m.state, w.uint32(18).fork(), q + 1).ldelim();
if (m.labelSelector != null && $Object.hasOwnProperty.call(m, "labelSelector")) {
for (var ks = $Object.keys(m.labelSelector), i = 0; i < ks.length; ++i) {
w.uint32(26).fork().uint32(10).string(ks[i]).uint32(18).string(m.labelSelector[ks[i]]).ldelim();
}
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

PodSandboxFilter.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, k, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.PodSandboxFilter();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.id = v;
else
delete m.id;
continue;
}
case 2: {
if (u !== 2)
break;
m.state = $root.runtime.v1.PodSandboxStateValue.decode(r, r.size(), $undefined, q + 1, m.state);
continue;
}
case 3: {
if (u !== 2)
break;
if (m.labelSelector === $util.emptyObject)
m.labelSelector = {};
var c2 = r.size() + r.pos;
if (c2 > r.len)
throw $RangeError("index out of range");
r.len = c2;
k = "";
v = "";
while (r.pos < c2) {
var t2 = r.tag();
u = t2 & 7;
switch (t2 >>>= 3) {
case 1:
if (u !== 2)
break;
k = r.stringVerify();
continue;
case 2:
if (u !== 2)
break;
v = r.stringVerify();
continue;
}
r.skipType(u, q, t2);
}
if (r.pos !== c2)
throw $RangeError("index out of range");
r.len = c;
if (k === "__proto__")
$util.makeProp(m.labelSelector, k);
m.labelSelector[k] = v;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return PodSandboxFilter;
})();

v1.ListPodSandboxRequest = (function() {

const ListPodSandboxRequest = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ListPodSandboxRequest.prototype.filter = null;

ListPodSandboxRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.filter != null && $Object.hasOwnProperty.call(m, "filter"))
$root.runtime.v1.PodSandboxFilter.encode(m.filter, w.uint32(10).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ListPodSandboxRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.ListPodSandboxRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
m.filter = $root.runtime.v1.PodSandboxFilter.decode(r, r.size(), $undefined, q + 1, m.filter);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ListPodSandboxRequest;
})();

v1.PodSandbox = (function() {

const PodSandbox = function (p) {
this.labels = {};
this.annotations = {};
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

PodSandbox.prototype.id = "";
PodSandbox.prototype.metadata = null;
PodSandbox.prototype.state = 0;
PodSandbox.prototype.createdAt = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
PodSandbox.prototype.labels = $util.emptyObject;
PodSandbox.prototype.annotations = $util.emptyObject;
PodSandbox.prototype.runtimeHandler = "";

PodSandbox.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.id != null && $Object.hasOwnProperty.call(m, "id") && m.id !== "")
w.uint32(10).string(m.id);
if (m.metadata != null && $Object.hasOwnProperty.call(m, "metadata"))
$root.runtime.v1.PodSandboxMetadata.encode(m.metadata, w.uint32(18).fork(), q + 1).ldelim();
if (m.state != null && $Object.hasOwnProperty.call(m, "state") && m.state !== 0)
w.uint32(24).int32(m.state);
if (m.createdAt != null && $Object.hasOwnProperty.call(m, "createdAt") && (typeof m.createdAt === "object" ? m.createdAt.low || m.createdAt.high : m.createdAt !== 0))
w.uint32(32).int64(m.createdAt);
if (m.labels != null && $Object.hasOwnProperty.call(m, "labels")) {
for (var ks = $Object.keys(m.labels), i = 0; i < ks.length; ++i) {
w.uint32(42).fork().uint32(10).string(ks[i]).uint32(18).string(m.labels[ks[i]]).ldelim();
}
}
if (m.annotations != null && $Object.hasOwnProperty.call(m, "annotations")) {
for (var ks = $Object.keys(m.annotations), i = 0; i < ks.length; ++i) {
w.uint32(50).fork().uint32(10).string(ks[i]).uint32(18).string(m.annotations[ks[i]]).ldelim();
}
}
if (m.runtimeHandler != null && $Object.hasOwnProperty.call(m, "runtimeHandler") && m.runtimeHandler !== "")
w.uint32(58).string(m.runtimeHandler);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

PodSandbox.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, k, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.PodSandbox();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.id = v;
else
delete m.id;
continue;
}
case 2: {
if (u !== 2)
break;
m.metadata = $root.runtime.v1.PodSandboxMetadata.decode(r, r.size(), $undefined, q + 1, m.metadata);
continue;
}
case 3: {
if (u !== 0)
break;
if (v = r.int32())
m.state = v;
else
delete m.state;
continue;
}
case 4: {
if (u !== 0)
break;
if (typeof (v = r.int64()) === "object" ? v.low || v.high : v !== 0)
m.createdAt = v;
else
delete m.createdAt;
continue;
}
case 5: {
if (u !== 2)
break;
if (m.labels === $util.emptyObject)
m.labels = {};
var c2 = r.size() + r.pos;
if (c2 > r.len)
throw $RangeError("index out of range");
r.len = c2;
k = "";
v = "";
while (r.pos < c2) {
var t2 = r.tag();
u = t2 & 7;
switch (t2 >>>= 3) {
case 1:
if (u !== 2)
break;
k = r.stringVerify();
continue;
case 2:
if (u !== 2)
break;
v = r.stringVerify();
continue;
}
r.skipType(u, q, t2);
}
if (r.pos !== c2)
throw $RangeError("index out of range");
r.len = c;
if (k === "__proto__")
$util.makeProp(m.labels, k);
m.labels[k] = v;
continue;
}
case 6: {
if (u !== 2)
break;
if (m.annotations === $util.emptyObject)
m.annotations = {};
var c2 = r.size() + r.pos;
if (c2 > r.len)
throw $RangeError("index out of range");
r.len = c2;
k = "";
v = "";
while (r.pos < c2) {
var t2 = r.tag();
u = t2 & 7;
switch (t2 >>>= 3) {
case 1:
if (u !== 2)
break;
k = r.stringVerify();
continue;
case 2:
if (u !== 2)
break;
v = r.stringVerify();
continue;
}
r.skipType(u, q, t2);
}
if (r.pos !== c2)
throw $RangeError("index out of range");
r.len = c;
if (k === "__proto__")
$util.makeProp(m.annotations, k);
m.annotations[k] = v;
continue;
}
case 7: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.runtimeHandler = v;
else
delete m.runtimeHandler;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return PodSandbox;
})();

v1.ListPodSandboxResponse = (function() {

const ListPodSandboxResponse = function (p) {
this.items = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ListPodSandboxResponse.prototype.items = $util.emptyArray;

ListPodSandboxResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.items != null && m.items.length) {
for (var i = 0; i < m.items.length; ++i)
$root.runtime.v1.PodSandbox.encode(m.items[i], w.uint32(10).fork(), q + 1).ldelim();
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ListPodSandboxResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.ListPodSandboxResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if (!(m.items && m.items.length))
m.items = [];
m.items.push($root.runtime.v1.PodSandbox.decode(r, r.size(), $undefined, q + 1));
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ListPodSandboxResponse;
})();

v1.StreamPodSandboxesRequest = (function() {

const StreamPodSandboxesRequest = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

StreamPodSandboxesRequest.prototype.filter = null;

StreamPodSandboxesRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.filter != null && $Object.hasOwnProperty.call(m, "filter"))
$root.runtime.v1.PodSandboxFilter.encode(m.filter, w.uint32(10).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

StreamPodSandboxesRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.StreamPodSandboxesRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
m.filter = $root.runtime.v1.PodSandboxFilter.decode(r, r.size(), $undefined, q + 1, m.filter);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return StreamPodSandboxesRequest;
})();

v1.StreamPodSandboxesResponse = (function() {

const StreamPodSandboxesResponse = function (p) {
this.podSandboxes = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

StreamPodSandboxesResponse.prototype.podSandboxes = $util.emptyArray;

StreamPodSandboxesResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.podSandboxes != null && m.podSandboxes.length) {
for (var i = 0; i < m.podSandboxes.length; ++i)
$root.runtime.v1.PodSandbox.encode(m.podSandboxes[i], w.uint32(10).fork(), q + 1).ldelim();
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

StreamPodSandboxesResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.StreamPodSandboxesResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if (!(m.podSandboxes && m.podSandboxes.length))
m.podSandboxes = [];
m.podSandboxes.push($root.runtime.v1.PodSandbox.decode(r, r.size(), $undefined, q + 1));
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return StreamPodSandboxesResponse;
})();

v1.PodSandboxStatsRequest = (function() {

const PodSandboxStatsRequest = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

PodSandboxStatsRequest.prototype.podSandboxId = "";

PodSandboxStatsRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.podSandboxId != null && $Object.hasOwnProperty.call(m, "podSandboxId") && m.podSandboxId !== "")
w.uint32(10).string(m.podSandboxId);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

PodSandboxStatsRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.PodSandboxStatsRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.podSandboxId = v;
else
delete m.podSandboxId;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return PodSandboxStatsRequest;
})();

v1.PodSandboxStatsResponse = (function() {

const PodSandboxStatsResponse = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

PodSandboxStatsResponse.prototype.stats = null;

PodSandboxStatsResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.stats != null && $Object.hasOwnProperty.call(m, "stats"))
$root.runtime.v1.PodSandboxStats.encode(m.stats, w.uint32(10).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

PodSandboxStatsResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.PodSandboxStatsResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
m.stats = $root.runtime.v1.PodSandboxStats.decode(r, r.size(), $undefined, q + 1, m.stats);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return PodSandboxStatsResponse;
})();

v1.PodSandboxStatsFilter = (function() {

const PodSandboxStatsFilter = function (p) {
this.labelSelector = {};
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

PodSandboxStatsFilter.prototype.id = "";
PodSandboxStatsFilter.prototype.labelSelector = $util.emptyObject;

PodSandboxStatsFilter.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.id != null && $Object.hasOwnProperty.call(m, "id") && m.id !== "")
w.uint32(10).string(m.id);
if (m.labelSelector != null && $Object.hasOwnProperty.call(m, "labelSelector")) {
for (var ks = $Object.keys(m.labelSelector), i = 0; i < ks.length; ++i) {
w.uint32(18).fork().uint32(10).string(ks[i]).uint32(18).string(m.labelSelector[ks[i]]).ldelim();
}
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

PodSandboxStatsFilter.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, k, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.PodSandboxStatsFilter();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.id = v;
else
delete m.id;
continue;
}
case 2: {
if (u !== 2)
break;
if (m.labelSelector === $util.emptyObject)
m.labelSelector = {};
var c2 = r.size() + r.pos;
if (c2 > r.len)
throw $RangeError("index out of range");
r.len = c2;
k = "";
v = "";
while (r.pos < c2) {
var t2 = r.tag();
u = t2 & 7;
switch (t2 >>>= 3) {
case 1:
if (u !== 2)
break;
k = r.stringVerify();
continue;
case 2:
if (u !== 2)
break;
v = r.stringVerify();
continue;
}
r.skipType(u, q, t2);
}
if (r.pos !== c2)
throw $RangeError("index out of range");
r.len = c;
if (k === "__proto__")
$util.makeProp(m.labelSelector, k);
m.labelSelector[k] = v;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return PodSandboxStatsFilter;
})();

v1.ListPodSandboxStatsRequest = (function() {

const ListPodSandboxStatsRequest = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ListPodSandboxStatsRequest.prototype.filter = null;

ListPodSandboxStatsRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.filter != null && $Object.hasOwnProperty.call(m, "filter"))
$root.runtime.v1.PodSandboxStatsFilter.encode(m.filter, w.uint32(10).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ListPodSandboxStatsRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.ListPodSandboxStatsRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
m.filter = $root.runtime.v1.PodSandboxStatsFilter.decode(r, r.size(), $undefined, q + 1, m.filter);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ListPodSandboxStatsRequest;
})();

v1.ListPodSandboxStatsResponse = (function() {

const ListPodSandboxStatsResponse = function (p) {
this.stats = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ListPodSandboxStatsResponse.prototype.stats = $util.emptyArray;

ListPodSandboxStatsResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.stats != null && m.stats.length) {
for (var i = 0; i < m.stats.length; ++i)
$root.runtime.v1.PodSandboxStats.encode(m.stats[i], w.uint32(10).fork(), q + 1).ldelim();
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ListPodSandboxStatsResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.ListPodSandboxStatsResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if (!(m.stats && m.stats.length))
m.stats = [];
m.stats.push($root.runtime.v1.PodSandboxStats.decode(r, r.size(), $undefined, q + 1));
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ListPodSandboxStatsResponse;
})();

v1.StreamPodSandboxStatsRequest = (function() {

const StreamPodSandboxStatsRequest = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

StreamPodSandboxStatsRequest.prototype.filter = null;

StreamPodSandboxStatsRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.filter != null && $Object.hasOwnProperty.call(m, "filter"))
$root.runtime.v1.PodSandboxStatsFilter.encode(m.filter, w.uint32(10).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

StreamPodSandboxStatsRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.StreamPodSandboxStatsRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
m.filter = $root.runtime.v1.PodSandboxStatsFilter.decode(r, r.size(), $undefined, q + 1, m.filter);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return StreamPodSandboxStatsRequest;
})();

v1.StreamPodSandboxStatsResponse = (function() {

const StreamPodSandboxStatsResponse = function (p) {
this.podSandboxStats = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

StreamPodSandboxStatsResponse.prototype.podSandboxStats = $util.emptyArray;

StreamPodSandboxStatsResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.podSandboxStats != null && m.podSandboxStats.length) {
for (var i = 0; i < m.podSandboxStats.length; ++i)
$root.runtime.v1.PodSandboxStats.encode(m.podSandboxStats[i], w.uint32(10).fork(), q + 1).ldelim();
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

StreamPodSandboxStatsResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.StreamPodSandboxStatsResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if (!(m.podSandboxStats && m.podSandboxStats.length))
m.podSandboxStats = [];
m.podSandboxStats.push($root.runtime.v1.PodSandboxStats.decode(r, r.size(), $undefined, q + 1));
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return StreamPodSandboxStatsResponse;
})();

v1.PodSandboxAttributes = (function() {

const PodSandboxAttributes = function (p) {
this.labels = {};
this.annotations = {};
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

PodSandboxAttributes.prototype.id = "";
PodSandboxAttributes.prototype.metadata = null;
PodSandboxAttributes.prototype.labels = $util.emptyObject;
PodSandboxAttributes.prototype.annotations = $util.emptyObject;

PodSandboxAttributes.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.id != null && $Object.hasOwnProperty.call(m, "id") && m.id !== "")
w.uint32(10).string(m.id);
if (m.metadata != null && $Object.hasOwnProperty.call(m, "metadata"))
$root.runtime.v1.PodSandboxMetadata.encode(m.metadata, w.uint32(18).fork(), q + 1).ldelim();
if (m.labels != null && $Object.hasOwnProperty.call(m, "labels")) {
for (var ks = $Object.keys(m.labels), i = 0; i < ks.length; ++i) {
w.uint32(26).fork().uint32(10).string(ks[i]).uint32(18).string(m.labels[ks[i]]).ldelim();
}
}
if (m.annotations != null && $Object.hasOwnProperty.call(m, "annotations")) {
for (var ks = $Object.keys(m.annotations), i = 0; i < ks.length; ++i) {
w.uint32(34).fork().uint32(10).string(ks[i]).uint32(18).string(m.annotations[ks[i]]).ldelim();
}
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

PodSandboxAttributes.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, k, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.PodSandboxAttributes();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.id = v;
else
delete m.id;
continue;
}
case 2: {
if (u !== 2)
break;
m.metadata = $root.runtime.v1.PodSandboxMetadata.decode(r, r.size(), $undefined, q + 1, m.metadata);
continue;
}
case 3: {
if (u !== 2)
break;
if (m.labels === $util.emptyObject)
m.labels = {};
var c2 = r.size() + r.pos;
if (c2 > r.len)
throw $RangeError("index out of range");
r.len = c2;
k = "";
v = "";
while (r.pos < c2) {
var t2 = r.tag();
u = t2 & 7;
switch (t2 >>>= 3) {
case 1:
if (u !== 2)
break;
k = r.stringVerify();
continue;
case 2:
if (u !== 2)
break;
v = r.stringVerify();
continue;
}
r.skipType(u, q, t2);
}
if (r.pos !== c2)
throw $RangeError("index out of range");
r.len = c;
if (k === "__proto__")
$util.makeProp(m.labels, k);
m.labels[k] = v;
continue;
}
case 4: {
if (u !== 2)
break;
if (m.annotations === $util.emptyObject)
m.annotations = {};
var c2 = r.size() + r.pos;
if (c2 > r.len)
throw $RangeError("index out of range");
r.len = c2;
k = "";
v = "";
while (r.pos < c2) {
var t2 = r.tag();
u = t2 & 7;
switch (t2 >>>= 3) {
case 1:
if (u !== 2)
break;
k = r.stringVerify();
continue;
case 2:
if (u !== 2)
break;
v = r.stringVerify();
continue;
}
r.skipType(u, q, t2);
}
if (r.pos !== c2)
throw $RangeError("index out of range");
r.len = c;
if (k === "__proto__")
$util.makeProp(m.annotations, k);
m.annotations[k] = v;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return PodSandboxAttributes;
})();

v1.PodSandboxStats = (function() {

const PodSandboxStats = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

PodSandboxStats.prototype.attributes = null;
PodSandboxStats.prototype.linux = null;
PodSandboxStats.prototype.windows = null;

PodSandboxStats.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.attributes != null && $Object.hasOwnProperty.call(m, "attributes"))
$root.runtime.v1.PodSandboxAttributes.encode(m.attributes, w.uint32(10).fork(), q + 1).ldelim();
if (m.linux != null && $Object.hasOwnProperty.call(m, "linux"))
$root.runtime.v1.LinuxPodSandboxStats.encode(m.linux, w.uint32(18).fork(), q + 1).ldelim();
if (m.windows != null && $Object.hasOwnProperty.call(m, "windows"))
$root.runtime.v1.WindowsPodSandboxStats.encode(m.windows, w.uint32(26).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

PodSandboxStats.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.PodSandboxStats();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
m.attributes = $root.runtime.v1.PodSandboxAttributes.decode(r, r.size(), $undefined, q + 1, m.attributes);
continue;
}
case 2: {
if (u !== 2)
break;
m.linux = $root.runtime.v1.LinuxPodSandboxStats.decode(r, r.size(), $undefined, q + 1, m.linux);
continue;
}
case 3: {
if (u !== 2)
break;
m.windows = $root.runtime.v1.WindowsPodSandboxStats.decode(r, r.size(), $undefined, q + 1, m.windows);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return PodSandboxStats;
})();

v1.LinuxPodSandboxStats = (function() {

const LinuxPodSandboxStats = function (p) {
this.containers = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

LinuxPodSandboxStats.prototype.cpu = null;
LinuxPodSandboxStats.prototype.memory = null;
LinuxPodSandboxStats.prototype.network = null;
LinuxPodSandboxStats.prototype.process = null;
LinuxPodSandboxStats.prototype.containers = $util.emptyArray;
LinuxPodSandboxStats.prototype.io = null;

LinuxPodSandboxStats.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.cpu != null && $Object.hasOwnProperty.call(m, "cpu"))
$root.runtime.v1.CpuUsage.encode(m.cpu, w.uint32(10).fork(), q + 1).ldelim();
if (m.memory != null && $Object.hasOwnProperty.call(m, "memory"))
$root.runtime.v1.MemoryUsage.encode(m.memory, w.uint32(18).fork(), q + 1).ldelim();
if (m.network != null && $Object.hasOwnProperty.call(m, "network"))
$root.runtime.v1.NetworkUsage.encode(m.network, w.uint32(26).fork(), q + 1).ldelim();
if (m.process != null && $Object.hasOwnProperty.call(m, "process"))
$root.runtime.v1.ProcessUsage.encode(m.process, w.uint32(34).fork(), q + 1).ldelim();
if (m.containers != null && m.containers.length) {
for (var i = 0; i < m.containers.length; ++i)
$root.runtime.v1.ContainerStats.encode(m.containers[i], w.uint32(42).fork(), q + 1).ldelim();
}
if (m.io != null && $Object.hasOwnProperty.call(m, "io"))
$root.runtime.v1.IoUsage.encode(m.io, w.uint32(50).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

LinuxPodSandboxStats.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.LinuxPodSandboxStats();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
m.cpu = $root.runtime.v1.CpuUsage.decode(r, r.size(), $undefined, q + 1, m.cpu);
continue;
}
case 2: {
if (u !== 2)
break;
m.memory = $root.runtime.v1.MemoryUsage.decode(r, r.size(), $undefined, q + 1, m.memory);
continue;
}
case 3: {
if (u !== 2)
break;
m.network = $root.runtime.v1.NetworkUsage.decode(r, r.size(), $undefined, q + 1, m.network);
continue;
}
case 4: {
if (u !== 2)
break;
m.process = $root.runtime.v1.ProcessUsage.decode(r, r.size(), $undefined, q + 1, m.process);
continue;
}
case 5: {
if (u !== 2)
break;
if (!(m.containers && m.containers.length))
m.containers = [];
m.containers.push($root.runtime.v1.ContainerStats.decode(r, r.size(), $undefined, q + 1));
continue;
}
case 6: {
if (u !== 2)
break;
m.io = $root.runtime.v1.IoUsage.decode(r, r.size(), $undefined, q + 1, m.io);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return LinuxPodSandboxStats;
})();

v1.WindowsPodSandboxStats = (function() {

const WindowsPodSandboxStats = function (p) {
this.containers = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

WindowsPodSandboxStats.prototype.cpu = null;
WindowsPodSandboxStats.prototype.memory = null;
WindowsPodSandboxStats.prototype.network = null;
WindowsPodSandboxStats.prototype.process = null;
WindowsPodSandboxStats.prototype.containers = $util.emptyArray;

WindowsPodSandboxStats.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.cpu != null && $Object.hasOwnProperty.call(m, "cpu"))
$root.runtime.v1.WindowsCpuUsage.encode(m.cpu, w.uint32(10).fork(), q + 1).ldelim();
if (m.memory != null && $Object.hasOwnProperty.call(m, "memory"))
$root.runtime.v1.WindowsMemoryUsage.encode(m.memory, w.uint32(18).fork(), q + 1).ldelim();
if (m.network != null && $Object.hasOwnProperty.call(m, "network"))
$root.runtime.v1.WindowsNetworkUsage.encode(m.network, w.uint32(26).fork(), q + 1).ldelim();
if (m.process != null && $Object.hasOwnProperty.call(m, "process"))
$root.runtime.v1.WindowsProcessUsage.encode(m.process, w.uint32(34).fork(), q + 1).ldelim();
if (m.containers != null && m.containers.length) {
for (var i = 0; i < m.containers.length; ++i)
$root.runtime.v1.WindowsContainerStats.encode(m.containers[i], w.uint32(42).fork(), q + 1).ldelim();
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

WindowsPodSandboxStats.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.WindowsPodSandboxStats();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
m.cpu = $root.runtime.v1.WindowsCpuUsage.decode(r, r.size(), $undefined, q + 1, m.cpu);
continue;
}
case 2: {
if (u !== 2)
break;
m.memory = $root.runtime.v1.WindowsMemoryUsage.decode(r, r.size(), $undefined, q + 1, m.memory);
continue;
}
case 3: {
if (u !== 2)
break;
m.network = $root.runtime.v1.WindowsNetworkUsage.decode(r, r.size(), $undefined, q + 1, m.network);
continue;
}
case 4: {
if (u !== 2)
break;
m.process = $root.runtime.v1.WindowsProcessUsage.decode(r, r.size(), $undefined, q + 1, m.process);
continue;
}
case 5: {
if (u !== 2)
break;
if (!(m.containers && m.containers.length))
m.containers = [];
m.containers.push($root.runtime.v1.WindowsContainerStats.decode(r, r.size(), $undefined, q + 1));
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return WindowsPodSandboxStats;
})();

v1.NetworkUsage = (function() {

const NetworkUsage = function (p) {
this.interfaces = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

NetworkUsage.prototype.timestamp = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
NetworkUsage.prototype.defaultInterface = null;
NetworkUsage.prototype.interfaces = $util.emptyArray;

NetworkUsage.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.timestamp != null && $Object.hasOwnProperty.call(m, "timestamp") && (typeof m.timestamp === "object" ? m.timestamp.low || m.timestamp.high : m.timestamp !== 0))
w.uint32(8).int64(m.timestamp);
if (m.defaultInterface != null && $Object.hasOwnProperty.call(m, "defaultInterface"))
$root.runtime.v1.NetworkInterfaceUsage.encode(m.defaultInterface, w.uint32(18).fork(), q + 1).ldelim();
if (m.interfaces != null && m.interfaces.length) {
for (var i = 0; i < m.interfaces.length; ++i)
$root.runtime.v1.NetworkInterfaceUsage.encode(m.interfaces[i], w.uint32(26).fork(), q + 1).ldelim();
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

NetworkUsage.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.NetworkUsage();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 0)
break;
if (typeof (v = r.int64()) === "object" ? v.low || v.high : v !== 0)
m.timestamp = v;
else
delete m.timestamp;
continue;
}
case 2: {
if (u !== 2)
break;
m.defaultInterface = $root.runtime.v1.NetworkInterfaceUsage.decode(r, r.size(), $undefined, q + 1, m.defaultInterface);
continue;
}
case 3: {
if (u !== 2)
break;
if (!(m.interfaces && m.interfaces.length))
m.interfaces = [];
m.interfaces.push($root.runtime.v1.NetworkInterfaceUsage.decode(r, r.size(), $undefined, q + 1));
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return NetworkUsage;
})();

v1.WindowsNetworkUsage = (function() {

const WindowsNetworkUsage = function (p) {
this.interfaces = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

WindowsNetworkUsage.prototype.timestamp = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
WindowsNetworkUsage.prototype.defaultInterface = null;
WindowsNetworkUsage.prototype.interfaces = $util.emptyArray;

WindowsNetworkUsage.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.timestamp != null && $Object.hasOwnProperty.call(m, "timestamp") && (typeof m.timestamp === "object" ? m.timestamp.low || m.timestamp.high : m.timestamp !== 0))
w.uint32(8).int64(m.timestamp);
if (m.defaultInterface != null && $Object.hasOwnProperty.call(m, "defaultInterface"))
$root.runtime.v1.WindowsNetworkInterfaceUsage.encode(m.defaultInterface, w.uint32(18).fork(), q + 1).ldelim();
if (m.interfaces != null && m.interfaces.length) {
for (var i = 0; i < m.interfaces.length; ++i)
$root.runtime.v1.WindowsNetworkInterfaceUsage.encode(m.interfaces[i], w.uint32(26).fork(), q + 1).ldelim();
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

WindowsNetworkUsage.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.WindowsNetworkUsage();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 0)
break;
if (typeof (v = r.int64()) === "object" ? v.low || v.high : v !== 0)
m.timestamp = v;
else
delete m.timestamp;
continue;
}
case 2: {
if (u !== 2)
break;
m.defaultInterface = $root.runtime.v1.WindowsNetworkInterfaceUsage.decode(r, r.size(), $undefined, q + 1, m.defaultInterface);
continue;
}
case 3: {
if (u !== 2)
break;
if (!(m.interfaces && m.interfaces.length))
m.interfaces = [];
m.interfaces.push($root.runtime.v1.WindowsNetworkInterfaceUsage.decode(r, r.size(), $undefined, q + 1));
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return WindowsNetworkUsage;
})();

v1.NetworkInterfaceUsage = (function() {

const NetworkInterfaceUsage = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

NetworkInterfaceUsage.prototype.name = "";
NetworkInterfaceUsage.prototype.rxBytes = null;
NetworkInterfaceUsage.prototype.rxErrors = null;
NetworkInterfaceUsage.prototype.txBytes = null;
NetworkInterfaceUsage.prototype.txErrors = null;

NetworkInterfaceUsage.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.name != null && $Object.hasOwnProperty.call(m, "name") && m.name !== "")
w.uint32(10).string(m.name);
if (m.rxBytes != null && $Object.hasOwnProperty.call(m, "rxBytes"))
$root.runtime.v1.UInt64Value.encode(m.rxBytes, w.uint32(18).fork(), q + 1).ldelim();
if (m.rxErrors != null && $Object.hasOwnProperty.call(m, "rxErrors"))
$root.runtime.v1.UInt64Value.encode(m.rxErrors, w.uint32(26).fork(), q + 1).ldelim();
if (m.txBytes != null && $Object.hasOwnProperty.call(m, "txBytes"))
$root.runtime.v1.UInt64Value.encode(m.txBytes, w.uint32(34).fork(), q + 1).ldelim();
if (m.txErrors != null && $Object.hasOwnProperty.call(m, "txErrors"))
$root.runtime.v1.UInt64Value.encode(m.txErrors, w.uint32(42).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

NetworkInterfaceUsage.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.NetworkInterfaceUsage();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.name = v;
else
delete m.name;
continue;
}
case 2: {
if (u !== 2)
break;
m.rxBytes = $root.runtime.v1.UInt64Value.decode(r, r.size(), $undefined, q + 1, m.rxBytes);
continue;
}
case 3: {
if (u !== 2)
break;
m.rxErrors = $root.runtime.v1.UInt64Value.decode(r, r.size(), $undefined, q + 1, m.rxErrors);
continue;
}
case 4: {
if (u !== 2)
break;
m.txBytes = $root.runtime.v1.UInt64Value.decode(r, r.size(), $undefined, q + 1, m.txBytes);
continue;
}
case 5: {
if (u !== 2)
break;
m.txErrors = $root.runtime.v1.UInt64Value.decode(r, r.size(), $undefined, q + 1, m.txErrors);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return NetworkInterfaceUsage;
})();

v1.WindowsNetworkInterfaceUsage = (function() {

const WindowsNetworkInterfaceUsage = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

WindowsNetworkInterfaceUsage.prototype.name = "";
WindowsNetworkInterfaceUsage.prototype.rxBytes = null;
WindowsNetworkInterfaceUsage.prototype.rxPacketsDropped = null;
WindowsNetworkInterfaceUsage.prototype.txBytes = null;
WindowsNetworkInterfaceUsage.prototype.txPacketsDropped = null;

WindowsNetworkInterfaceUsage.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.name != null && $Object.hasOwnProperty.call(m, "name") && m.name !== "")
w.uint32(10).string(m.name);
if (m.rxBytes != null && $Object.hasOwnProperty.call(m, "rxBytes"))
$root.runtime.v1.UInt64Value.encode(m.rxBytes, w.uint32(18).fork(), q + 1).ldelim();
if (m.rxPacketsDropped != null && $Object.hasOwnProperty.call(m, "rxPacketsDropped"))
$root.runtime.v1.UInt64Value.encode(m.rxPacketsDropped, w.uint32(26).fork(), q + 1).ldelim();
if (m.txBytes != null && $Object.hasOwnProperty.call(m, "txBytes"))
$root.runtime.v1.UInt64Value.encode(m.txBytes, w.uint32(34).fork(), q + 1).ldelim();
if (m.txPacketsDropped != null && $Object.hasOwnProperty.call(m, "txPacketsDropped"))
$root.runtime.v1.UInt64Value.encode(m.txPacketsDropped, w.uint32(42).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

WindowsNetworkInterfaceUsage.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.WindowsNetworkInterfaceUsage();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.name = v;
else
delete m.name;
continue;
}
case 2: {
if (u !== 2)
break;
m.rxBytes = $root.runtime.v1.UInt64Value.decode(r, r.size(), $undefined, q + 1, m.rxBytes);
continue;
}
case 3: {
if (u !== 2)
break;
m.rxPacketsDropped = $root.runtime.v1.UInt64Value.decode(r, r.size(), $undefined, q + 1, m.rxPacketsDropped);
continue;
}
case 4: {
if (u !== 2)
break;
m.txBytes = $root.runtime.v1.UInt64Value.decode(r, r.size(), $undefined, q + 1, m.txBytes);
continue;
}
case 5: {
if (u !== 2)
break;
m.txPacketsDropped = $root.runtime.v1.UInt64Value.decode(r, r.size(), $undefined, q + 1, m.txPacketsDropped);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return WindowsNetworkInterfaceUsage;
})();

v1.ProcessUsage = (function() {

const ProcessUsage = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ProcessUsage.prototype.timestamp = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
ProcessUsage.prototype.processCount = null;

ProcessUsage.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.timestamp != null && $Object.hasOwnProperty.call(m, "timestamp") && (typeof m.timestamp === "object" ? m.timestamp.low || m.timestamp.high : m.timestamp !== 0))
w.uint32(8).int64(m.timestamp);
if (m.processCount != null && $Object.hasOwnProperty.call(m, "processCount"))
$root.runtime.v1.UInt64Value.encode(m.processCount, w.uint32(18).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ProcessUsage.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.ProcessUsage();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 0)
break;
if (typeof (v = r.int64()) === "object" ? v.low || v.high : v !== 0)
m.timestamp = v;
else
delete m.timestamp;
continue;
}
case 2: {
if (u !== 2)
break;
m.processCount = $root.runtime.v1.UInt64Value.decode(r, r.size(), $undefined, q + 1, m.processCount);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ProcessUsage;
})();

v1.WindowsProcessUsage = (function() {

const WindowsProcessUsage = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

WindowsProcessUsage.prototype.timestamp = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
WindowsProcessUsage.prototype.processCount = null;

WindowsProcessUsage.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.timestamp != null && $Object.hasOwnProperty.call(m, "timestamp") && (typeof m.timestamp === "object" ? m.timestamp.low || m.timestamp.high : m.timestamp !== 0))
w.uint32(8).int64(m.timestamp);
if (m.processCount != null && $Object.hasOwnProperty.call(m, "processCount"))
$root.runtime.v1.UInt64Value.encode(m.processCount, w.uint32(18).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

WindowsProcessUsage.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.WindowsProcessUsage();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 0)
break;
if (typeof (v = r.int64()) === "object" ? v.low || v.high : v !== 0)
m.timestamp = v;
else
delete m.timestamp;
continue;
}
case 2: {
if (u !== 2)
break;
m.processCount = $root.runtime.v1.UInt64Value.decode(r, r.size(), $undefined, q + 1, m.processCount);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return WindowsProcessUsage;
})();

v1.ImageSpec = (function() {

const ImageSpec = function (p) {
this.annotations = {};
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ImageSpec.prototype.image = "";
ImageSpec.prototype.annotations = $util.emptyObject;
ImageSpec.prototype.userSpecifiedImage = "";
ImageSpec.prototype.runtimeHandler = "";
ImageSpec.prototype.imageRef = "";

ImageSpec.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.image != null && $Object.hasOwnProperty.call(m, "image") && m.image !== "")
w.uint32(10).string(m.image);
if (m.annotations != null && $Object.hasOwnProperty.call(m, "annotations")) {
for (var ks = $Object.keys(m.annotations), i = 0; i < ks.length; ++i) {
w.uint32(18).fork().uint32(10).string(ks[i]).uint32(18).string(m.annotations[ks[i]]).ldelim();
}
}
if (m.userSpecifiedImage != null && $Object.hasOwnProperty.call(m, "userSpecifiedImage") && m.userSpecifiedImage !== "")
w.uint32(146).string(m.userSpecifiedImage);
if (m.runtimeHandler != null && $Object.hasOwnProperty.call(m, "runtimeHandler") && m.runtimeHandler !== "")
w.uint32(154).string(m.runtimeHandler);
if (m.imageRef != null && $Object.hasOwnProperty.call(m, "imageRef") && m.imageRef !== "")
w.uint32(162).string(m.imageRef);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ImageSpec.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, k, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.ImageSpec();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.image = v;
else
delete m.image;
continue;
}
case 2: {
if (u !== 2)
break;
if (m.annotations === $util.emptyObject)
m.annotations = {};
var c2 = r.size() + r.pos;
if (c2 > r.len)
throw $RangeError("index out of range");
r.len = c2;
k = "";
v = "";
while (r.pos < c2) {
var t2 = r.tag();
u = t2 & 7;
switch (t2 >>>= 3) {
case 1:
if (u !== 2)
break;
k = r.stringVerify();
continue;
case 2:
if (u !== 2)
break;
v = r.stringVerify();
continue;
}
r.skipType(u, q, t2);
}
if (r.pos !== c2)
throw $RangeError("index out of range");
r.len = c;
if (k === "__proto__")
$util.makeProp(m.annotations, k);
m.annotations[k] = v;
continue;
}
case 18: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.userSpecifiedImage = v;
else
delete m.userSpecifiedImage;
continue;
}
case 19: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.runtimeHandler = v;
else
delete m.runtimeHandler;
continue;
}
case 20: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.imageRef = v;
else
delete m.imageRef;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ImageSpec;
})();

v1.KeyValue = (function() {

const KeyValue = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

KeyValue.prototype.key = "";
KeyValue.prototype.value = $util.newBuffer([]);

KeyValue.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.key != null && $Object.hasOwnProperty.call(m, "key") && m.key !== "")
w.uint32(10).string(m.key);
if (m.value != null && $Object.hasOwnProperty.call(m, "value") && m.value.length)
w.uint32(18).bytes(m.value);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

KeyValue.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.KeyValue();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.key = v;
else
delete m.key;
continue;
}
case 2: {
if (u !== 2)
break;
if ((v = r.bytes()).length)
m.value = v;
else
delete m.value;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return KeyValue;
})();

v1.LinuxContainerResources = (function() {

const LinuxContainerResources = function (p) {
this.hugepageLimits = [];
this.unified = {};
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

LinuxContainerResources.prototype.cpuPeriod = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
LinuxContainerResources.prototype.cpuQuota = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
LinuxContainerResources.prototype.cpuShares = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
LinuxContainerResources.prototype.memoryLimitInBytes = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
LinuxContainerResources.prototype.oomScoreAdj = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
LinuxContainerResources.prototype.cpusetCpus = "";
LinuxContainerResources.prototype.cpusetMems = "";
LinuxContainerResources.prototype.hugepageLimits = $util.emptyArray;
LinuxContainerResources.prototype.unified = $util.emptyObject;
LinuxContainerResources.prototype.memorySwapLimitInBytes = $util.Long ? $util.Long.fromBits(0,0,false) : 0;

LinuxContainerResources.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.cpuPeriod != null && $Object.hasOwnProperty.call(m, "cpuPeriod") && (typeof m.cpuPeriod === "object" ? m.cpuPeriod.low || m.cpuPeriod.high : m.cpuPeriod !== 0))
w.uint32(8).int64(m.cpuPeriod);
if (m.cpuQuota != null && $Object.hasOwnProperty.call(m, "cpuQuota") && (typeof m.cpuQuota === "object" ? m.cpuQuota.low || m.cpuQuota.high : m.cpuQuota !== 0))
w.uint32(16).int64(m.cpuQuota);
if (m.cpuShares != null && $Object.hasOwnProperty.call(m, "cpuShares") && (typeof m.cpuShares === "object" ? m.cpuShares.low || m.cpuShares.high : m.cpuShares !== 0))
w.uint32(24).int64(m.cpuShares);
if (m.memoryLimitInBytes != null && $Object.hasOwnProperty.call(m, "memoryLimitInBytes") && (typeof m.memoryLimitInBytes === "object" ? m.memoryLimitInBytes.low || m.memoryLimitInBytes.high : m.memoryLimitInBytes !== 0))
w.uint32(32).int64(m.memoryLimitInBytes);
if (m.oomScoreAdj != null && $Object.hasOwnProperty.call(m, "oomScoreAdj") && (typeof m.oomScoreAdj === "object" ? m.oomScoreAdj.low || m.oomScoreAdj.high : m.oomScoreAdj !== 0))
w.uint32(40).int64(m.oomScoreAdj);
if (m.cpusetCpus != null && $Object.hasOwnProperty.call(m, "cpusetCpus") && m.cpusetCpus !== "")
w.uint32(50).string(m.cpusetCpus);
if (m.cpusetMems != null && $Object.hasOwnProperty.call(m, "cpusetMems") && m.cpusetMems !== "")
w.uint32(58).string(m.cpusetMems);
if (m.hugepageLimits != null && m.hugepageLimits.length) {
for (var i = 0; i < m.hugepageLimits.length; ++i)
$root.runtime.v1.HugepageLimit.encode(m.hugepageLimits[i], w.uint32(66).fork(), q + 1).ldelim();
}
if (m.unified != null && $Object.hasOwnProperty.call(m, "unified")) {
for (var ks = $Object.keys(m.unified), i = 0; i < ks.length; ++i) {
w.uint32(74).fork().uint32(10).string(ks[i]).uint32(18).string(m.unified[ks[i]]).ldelim();
}
}
if (m.memorySwapLimitInBytes != null && $Object.hasOwnProperty.call(m, "memorySwapLimitInBytes") && (typeof m.memorySwapLimitInBytes === "object" ? m.memorySwapLimitInBytes.low || m.memorySwapLimitInBytes.high : m.memorySwapLimitInBytes !== 0))
w.uint32(80).int64(m.memorySwapLimitInBytes);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

LinuxContainerResources.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, k, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.LinuxContainerResources();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 0)
break;
if (typeof (v = r.int64()) === "object" ? v.low || v.high : v !== 0)
m.cpuPeriod = v;
else
delete m.cpuPeriod;
continue;
}
case 2: {
if (u !== 0)
break;
if (typeof (v = r.int64()) === "object" ? v.low || v.high : v !== 0)
m.cpuQuota = v;
else
delete m.cpuQuota;
continue;
}
case 3: {
if (u !== 0)
break;
if (typeof (v = r.int64()) === "object" ? v.low || v.high : v !== 0)
m.cpuShares = v;
else
delete m.cpuShares;
continue;
}
case 4: {
if (u !== 0)
break;
if (typeof (v = r.int64()) === "object" ? v.low || v.high : v !== 0)
m.memoryLimitInBytes = v;
else
delete m.memoryLimitInBytes;
continue;
}
case 5: {
if (u !== 0)
break;
if (typeof (v = r.int64()) === "object" ? v.low || v.high : v !== 0)
m.oomScoreAdj = v;
else
delete m.oomScoreAdj;
continue;
}
case 6: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.cpusetCpus = v;
else
delete m.cpusetCpus;
continue;
}
case 7: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.cpusetMems = v;
else
delete m.cpusetMems;
continue;
}
case 8: {
if (u !== 2)
break;
if (!(m.hugepageLimits && m.hugepageLimits.length))
m.hugepageLimits = [];
m.hugepageLimits.push($root.runtime.v1.HugepageLimit.decode(r, r.size(), $undefined, q + 1));
continue;
}
case 9: {
if (u !== 2)
break;
if (m.unified === $util.emptyObject)
m.unified = {};
var c2 = r.size() + r.pos;
if (c2 > r.len)
throw $RangeError("index out of range");
r.len = c2;
k = "";
v = "";
while (r.pos < c2) {
var t2 = r.tag();
u = t2 & 7;
switch (t2 >>>= 3) {
case 1:
if (u !== 2)
break;
k = r.stringVerify();
continue;
case 2:
if (u !== 2)
break;
v = r.stringVerify();
continue;
}
r.skipType(u, q, t2);
}
if (r.pos !== c2)
throw $RangeError("index out of range");
r.len = c;
if (k === "__proto__")
$util.makeProp(m.unified, k);
m.unified[k] = v;
continue;
}
case 10: {
if (u !== 0)
break;
if (typeof (v = r.int64()) === "object" ? v.low || v.high : v !== 0)
m.memorySwapLimitInBytes = v;
else
delete m.memorySwapLimitInBytes;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return LinuxContainerResources;
})();

v1.HugepageLimit = (function() {

const HugepageLimit = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

HugepageLimit.prototype.pageSize = "";
HugepageLimit.prototype.limit = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

HugepageLimit.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.pageSize != null && $Object.hasOwnProperty.call(m, "pageSize") && m.pageSize !== "")
w.uint32(10).string(m.pageSize);
if (m.limit != null && $Object.hasOwnProperty.call(m, "limit") && (typeof m.limit === "object" ? m.limit.low || m.limit.high : m.limit !== 0))
w.uint32(16).uint64(m.limit);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

HugepageLimit.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.HugepageLimit();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.pageSize = v;
else
delete m.pageSize;
continue;
}
case 2: {
if (u !== 0)
break;
if (typeof (v = r.uint64()) === "object" ? v.low || v.high : v !== 0)
m.limit = v;
else
delete m.limit;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return HugepageLimit;
})();

v1.SELinuxOption = (function() {

const SELinuxOption = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

SELinuxOption.prototype.user = "";
SELinuxOption.prototype.role = "";
SELinuxOption.prototype.type = "";
SELinuxOption.prototype.level = "";

SELinuxOption.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.user != null && $Object.hasOwnProperty.call(m, "user") && m.user !== "")
w.uint32(10).string(m.user);
if (m.role != null && $Object.hasOwnProperty.call(m, "role") && m.role !== "")
w.uint32(18).string(m.role);
if (m.type != null && $Object.hasOwnProperty.call(m, "type") && m.type !== "")
w.uint32(26).string(m.type);
if (m.level != null && $Object.hasOwnProperty.call(m, "level") && m.level !== "")
w.uint32(34).string(m.level);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

SELinuxOption.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.SELinuxOption();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.user = v;
else
delete m.user;
continue;
}
case 2: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.role = v;
else
delete m.role;
continue;
}
case 3: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.type = v;
else
delete m.type;
continue;
}
case 4: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.level = v;
else
delete m.level;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return SELinuxOption;
})();

v1.Capability = (function() {

const Capability = function (p) {
this.addCapabilities = [];
this.dropCapabilities = [];
this.addAmbientCapabilities = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

Capability.prototype.addCapabilities = $util.emptyArray;
Capability.prototype.dropCapabilities = $util.emptyArray;
Capability.prototype.addAmbientCapabilities = $util.emptyArray;

Capability.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.addCapabilities != null && m.addCapabilities.length) {
for (var i = 0; i < m.addCapabilities.length; ++i)
w.uint32(10).string(m.addCapabilities[i]);
}
if (m.dropCapabilities != null && m.dropCapabilities.length) {
for (var i = 0; i < m.dropCapabilities.length; ++i)
w.uint32(18).string(m.dropCapabilities[i]);
}
if (m.addAmbientCapabilities != null && m.addAmbientCapabilities.length) {
for (var i = 0; i < m.addAmbientCapabilities.length; ++i)
w.uint32(26).string(m.addAmbientCapabilities[i]);
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

Capability.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.Capability();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if (!(m.addCapabilities && m.addCapabilities.length))
m.addCapabilities = [];
m.addCapabilities.push(r.stringVerify());
continue;
}
case 2: {
if (u !== 2)
break;
if (!(m.dropCapabilities && m.dropCapabilities.length))
m.dropCapabilities = [];
m.dropCapabilities.push(r.stringVerify());
continue;
}
case 3: {
if (u !== 2)
break;
if (!(m.addAmbientCapabilities && m.addAmbientCapabilities.length))
m.addAmbientCapabilities = [];
m.addAmbientCapabilities.push(r.stringVerify());
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return Capability;
})();

v1.LinuxContainerSecurityContext = (function() {

const LinuxContainerSecurityContext = function (p) {
this.supplementalGroups = [];
this.maskedPaths = [];
this.readonlyPaths = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

LinuxContainerSecurityContext.prototype.capabilities = null;
LinuxContainerSecurityContext.prototype.privileged = false;
LinuxContainerSecurityContext.prototype.namespaceOptions = null;
LinuxContainerSecurityContext.prototype.selinuxOptions = null;
LinuxContainerSecurityContext.prototype.runAsUser = null;
LinuxContainerSecurityContext.prototype.runAsGroup = null;
LinuxContainerSecurityContext.prototype.runAsUsername = "";
LinuxContainerSecurityContext.prototype.readonlyRootfs = false;
LinuxContainerSecurityContext.prototype.supplementalGroups = $util.emptyArray;
LinuxContainerSecurityContext.prototype.supplementalGroupsPolicy = 0;
LinuxContainerSecurityContext.prototype.noNewPrivs = false;
LinuxContainerSecurityContext.prototype.maskedPaths = $util.emptyArray;
LinuxContainerSecurityContext.prototype.readonlyPaths = $util.emptyArray;
LinuxContainerSecurityContext.prototype.seccomp = null;
LinuxContainerSecurityContext.prototype.apparmor = null;
LinuxContainerSecurityContext.prototype.apparmorProfile = "";
LinuxContainerSecurityContext.prototype.seccompProfilePath = "";

LinuxContainerSecurityContext.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.capabilities != null && $Object.hasOwnProperty.call(m, "capabilities"))
$root.runtime.v1.Capability.encode(m.capabilities, w.uint32(10).fork(), q + 1).ldelim();
if (m.privileged != null && $Object.hasOwnProperty.call(m, "privileged") && m.privileged !== false)
w.uint32(16).bool(m.privileged);
if (m.namespaceOptions != null && $Object.hasOwnProperty.call(m, "namespaceOptions"))
$root.runtime.v1.NamespaceOption.encode(m.namespaceOptions, w.uint32(26).fork(), q + 1).ldelim();
if (m.selinuxOptions != null && $Object.hasOwnProperty.call(m, "selinuxOptions"))
$root.runtime.v1.SELinuxOption.encode(m.selinuxOptions, w.uint32(34).fork(), q + 1).ldelim();
if (m.runAsUser != null && $Object.hasOwnProperty.call(m, "runAsUser"))
$root.runtime.v1.Int64Value.encode(m.runAsUser, w.uint32(42).fork(), q + 1).ldelim();
if (m.runAsUsername != null && $Object.hasOwnProperty.call(m, "runAsUsername") && m.runAsUsername !== "")
w.uint32(50).string(m.runAsUsername);
if (m.readonlyRootfs != null && $Object.hasOwnProperty.call(m, "readonlyRootfs") && m.readonlyRootfs !== false)
w.uint32(56).bool(m.readonlyRootfs);
if (m.supplementalGroups != null && m.supplementalGroups.length) {
w.uint32(66).int64s(m.supplementalGroups);
}
if (m.apparmorProfile != null && $Object.hasOwnProperty.call(m, "apparmorProfile") && m.apparmorProfile !== "")
w.uint32(74).string(m.apparmorProfile);
if (m.seccompProfilePath != null && $Object.hasOwnProperty.call(m, "seccompProfilePath") && m.seccompProfilePath !== "")
w.uint32(82).string(m.seccompProfilePath);
if (m.noNewPrivs != null && $Object.hasOwnProperty.call(m, "noNewPrivs") && m.noNewPrivs !== false)
w.uint32(88).bool(m.noNewPrivs);
if (m.runAsGroup != null && $Object.hasOwnProperty.call(m, "runAsGroup"))
$root.runtime.v1.Int64Value.encode(m.runAsGroup, w.uint32(98).fork(), q + 1).ldelim();
if (m.maskedPaths != null && m.maskedPaths.length) {
for (var i = 0; i < m.maskedPaths.length; ++i)
w.uint32(106).string(m.maskedPaths[i]);
}
if (m.readonlyPaths != null && m.readonlyPaths.length) {
for (var i = 0; i < m.readonlyPaths.length; ++i)
w.uint32(114).string(m.readonlyPaths[i]);
}
if (m.seccomp != null && $Object.hasOwnProperty.call(m, "seccomp"))
$root.runtime.v1.SecurityProfile.encode(m.seccomp, w.uint32(122).fork(), q + 1).ldelim();
if (m.apparmor != null && $Object.hasOwnProperty.call(m, "apparmor"))
$root.runtime.v1.SecurityProfile.encode(m.apparmor, w.uint32(130).fork(), q + 1).ldelim();
if (m.supplementalGroupsPolicy != null && $Object.hasOwnProperty.call(m, "supplementalGroupsPolicy") && m.supplementalGroupsPolicy !== 0)
w.uint32(136).int32(m.supplementalGroupsPolicy);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

LinuxContainerSecurityContext.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.LinuxContainerSecurityContext();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
m.capabilities = $root.runtime.v1.Capability.decode(r, r.size(), $undefined, q + 1, m.capabilities);
continue;
}
case 2: {
if (u !== 0)
break;
if (v = r.bool())
m.privileged = v;
else
delete m.privileged;
continue;
}
case 3: {
if (u !== 2)
break;
m.namespaceOptions = $root.runtime.v1.NamespaceOption.decode(r, r.size(), $undefined, q + 1, m.namespaceOptions);
continue;
}
case 4: {
if (u !== 2)
break;
m.selinuxOptions = $root.runtime.v1.SELinuxOption.decode(r, r.size(), $undefined, q + 1, m.selinuxOptions);
continue;
}
case 5: {
if (u !== 2)
break;
m.runAsUser = $root.runtime.v1.Int64Value.decode(r, r.size(), $undefined, q + 1, m.runAsUser);
continue;
}
case 12: {
if (u !== 2)
break;
m.runAsGroup = $root.runtime.v1.Int64Value.decode(r, r.size(), $undefined, q + 1, m.runAsGroup);
continue;
}
case 6: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.runAsUsername = v;
else
delete m.runAsUsername;
continue;
}
case 7: {
if (u !== 0)
break;
if (v = r.bool())
m.readonlyRootfs = v;
else
delete m.readonlyRootfs;
continue;
}
case 8: {
if (u === 2) {
if (!(m.supplementalGroups && m.supplementalGroups.length))
m.supplementalGroups = [];
r.int64s(m.supplementalGroups);
continue;
}
if (u !== 0)
break;
if (!(m.supplementalGroups && m.supplementalGroups.length))
m.supplementalGroups = [];
m.supplementalGroups.push(r.int64());
continue;
}
case 17: {
if (u !== 0)
break;
if (v = r.int32())
m.supplementalGroupsPolicy = v;
else
delete m.supplementalGroupsPolicy;
continue;
}
case 11: {
if (u !== 0)
break;
if (v = r.bool())
m.noNewPrivs = v;
else
delete m.noNewPrivs;
continue;
}
case 13: {
if (u !== 2)
break;
if (!(m.maskedPaths && m.maskedPaths.length))
m.maskedPaths = [];
m.maskedPaths.push(r.stringVerify());
continue;
}
case 14: {
if (u !== 2)
break;
if (!(m.readonlyPaths && m.readonlyPaths.length))
m.readonlyPaths = [];
m.readonlyPaths.push(r.stringVerify());
continue;
}
case 15: {
if (u !== 2)
break;
m.seccomp = $root.runtime.v1.SecurityProfile.decode(r, r.size(), $undefined, q + 1, m.seccomp);
continue;
}
case 16: {
if (u !== 2)
break;
m.apparmor = $root.runtime.v1.SecurityProfile.decode(r, r.size(), $undefined, q + 1, m.apparmor);
continue;
}
case 9: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.apparmorProfile = v;
else
delete m.apparmorProfile;
continue;
}
case 10: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.seccompProfilePath = v;
else
delete m.seccompProfilePath;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return LinuxContainerSecurityContext;
})();

v1.LinuxContainerConfig = (function() {

const LinuxContainerConfig = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

LinuxContainerConfig.prototype.resources = null;
LinuxContainerConfig.prototype.securityContext = null;

LinuxContainerConfig.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.resources != null && $Object.hasOwnProperty.call(m, "resources"))
$root.runtime.v1.LinuxContainerResources.encode(m.resources, w.uint32(10).fork(), q + 1).ldelim();
if (m.securityContext != null && $Object.hasOwnProperty.call(m, "securityContext"))
$root.runtime.v1.LinuxContainerSecurityContext.encode(m.securityContext, w.uint32(18).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

LinuxContainerConfig.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.LinuxContainerConfig();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
m.resources = $root.runtime.v1.LinuxContainerResources.decode(r, r.size(), $undefined, q + 1, m.resources);
continue;
}
case 2: {
if (u !== 2)
break;
m.securityContext = $root.runtime.v1.LinuxContainerSecurityContext.decode(r, r.size(), $undefined, q + 1, m.securityContext);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return LinuxContainerConfig;
})();

v1.LinuxContainerUser = (function() {

const LinuxContainerUser = function (p) {
this.supplementalGroups = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

LinuxContainerUser.prototype.uid = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
LinuxContainerUser.prototype.gid = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
LinuxContainerUser.prototype.supplementalGroups = $util.emptyArray;

LinuxContainerUser.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.uid != null && $Object.hasOwnProperty.call(m, "uid") && (typeof m.uid === "object" ? m.uid.low || m.uid.high : m.uid !== 0))
w.uint32(8).int64(m.uid);
if (m.gid != null && $Object.hasOwnProperty.call(m, "gid") && (typeof m.gid === "object" ? m.gid.low || m.gid.high : m.gid !== 0))
w.uint32(16).int64(m.gid);
if (m.supplementalGroups != null && m.supplementalGroups.length) {
w.uint32(26).int64s(m.supplementalGroups);
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

LinuxContainerUser.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.LinuxContainerUser();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 0)
break;
if (typeof (v = r.int64()) === "object" ? v.low || v.high : v !== 0)
m.uid = v;
else
delete m.uid;
continue;
}
case 2: {
if (u !== 0)
break;
if (typeof (v = r.int64()) === "object" ? v.low || v.high : v !== 0)
m.gid = v;
else
delete m.gid;
continue;
}
case 3: {
if (u === 2) {
if (!(m.supplementalGroups && m.supplementalGroups.length))
m.supplementalGroups = [];
r.int64s(m.supplementalGroups);
continue;
}
if (u !== 0)
break;
if (!(m.supplementalGroups && m.supplementalGroups.length))
m.supplementalGroups = [];
m.supplementalGroups.push(r.int64());
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return LinuxContainerUser;
})();

v1.WindowsNamespaceOption = (function() {

const WindowsNamespaceOption = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

WindowsNamespaceOption.prototype.network = 0;

WindowsNamespaceOption.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.network != null && $Object.hasOwnProperty.call(m, "network") && m.network !== 0)
w.uint32(8).int32(m.network);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

WindowsNamespaceOption.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.WindowsNamespaceOption();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 0)
break;
if (v = r.int32())
m.network = v;
else
delete m.network;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return WindowsNamespaceOption;
})();

v1.WindowsSandboxSecurityContext = (function() {

const WindowsSandboxSecurityContext = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

WindowsSandboxSecurityContext.prototype.runAsUsername = "";
WindowsSandboxSecurityContext.prototype.credentialSpec = "";
WindowsSandboxSecurityContext.prototype.hostProcess = false;
WindowsSandboxSecurityContext.prototype.namespaceOptions = null;

WindowsSandboxSecurityContext.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.runAsUsername != null && $Object.hasOwnProperty.call(m, "runAsUsername") && m.runAsUsername !== "")
w.uint32(10).string(m.runAsUsername);
if (m.credentialSpec != null && $Object.hasOwnProperty.call(m, "credentialSpec") && m.credentialSpec !== "")
w.uint32(18).string(m.credentialSpec);
if (m.hostProcess != null && $Object.hasOwnProperty.call(m, "hostProcess") && m.hostProcess !== false)
w.uint32(24).bool(m.hostProcess);
if (m.namespaceOptions != null && $Object.hasOwnProperty.call(m, "namespaceOptions"))
$root.runtime.v1.WindowsNamespaceOption.encode(m.namespaceOptions, w.uint32(34).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

WindowsSandboxSecurityContext.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.WindowsSandboxSecurityContext();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.runAsUsername = v;
else
delete m.runAsUsername;
continue;
}
case 2: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.credentialSpec = v;
else
delete m.credentialSpec;
continue;
}
case 3: {
if (u !== 0)
break;
if (v = r.bool())
m.hostProcess = v;
else
delete m.hostProcess;
continue;
}
case 4: {
if (u !== 2)
break;
m.namespaceOptions = $root.runtime.v1.WindowsNamespaceOption.decode(r, r.size(), $undefined, q + 1, m.namespaceOptions);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return WindowsSandboxSecurityContext;
})();

v1.WindowsPodSandboxConfig = (function() {

const WindowsPodSandboxConfig = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

WindowsPodSandboxConfig.prototype.securityContext = null;

WindowsPodSandboxConfig.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.securityContext != null && $Object.hasOwnProperty.call(m, "securityContext"))
$root.runtime.v1.WindowsSandboxSecurityContext.encode(m.securityContext, w.uint32(10).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

WindowsPodSandboxConfig.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.WindowsPodSandboxConfig();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
m.securityContext = $root.runtime.v1.WindowsSandboxSecurityContext.decode(r, r.size(), $undefined, q + 1, m.securityContext);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return WindowsPodSandboxConfig;
})();

v1.WindowsContainerSecurityContext = (function() {

const WindowsContainerSecurityContext = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

WindowsContainerSecurityContext.prototype.runAsUsername = "";
WindowsContainerSecurityContext.prototype.credentialSpec = "";
WindowsContainerSecurityContext.prototype.hostProcess = false;

WindowsContainerSecurityContext.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.runAsUsername != null && $Object.hasOwnProperty.call(m, "runAsUsername") && m.runAsUsername !== "")
w.uint32(10).string(m.runAsUsername);
if (m.credentialSpec != null && $Object.hasOwnProperty.call(m, "credentialSpec") && m.credentialSpec !== "")
w.uint32(18).string(m.credentialSpec);
if (m.hostProcess != null && $Object.hasOwnProperty.call(m, "hostProcess") && m.hostProcess !== false)
w.uint32(24).bool(m.hostProcess);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

WindowsContainerSecurityContext.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.WindowsContainerSecurityContext();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.runAsUsername = v;
else
delete m.runAsUsername;
continue;
}
case 2: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.credentialSpec = v;
else
delete m.credentialSpec;
continue;
}
case 3: {
if (u !== 0)
break;
if (v = r.bool())
m.hostProcess = v;
else
delete m.hostProcess;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return WindowsContainerSecurityContext;
})();

v1.WindowsContainerConfig = (function() {

const WindowsContainerConfig = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

WindowsContainerConfig.prototype.resources = null;
WindowsContainerConfig.prototype.securityContext = null;

WindowsContainerConfig.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.resources != null && $Object.hasOwnProperty.call(m, "resources"))
$root.runtime.v1.WindowsContainerResources.encode(m.resources, w.uint32(10).fork(), q + 1).ldelim();
if (m.securityContext != null && $Object.hasOwnProperty.call(m, "securityContext"))
$root.runtime.v1.WindowsContainerSecurityContext.encode(m.securityContext, w.uint32(18).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

WindowsContainerConfig.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.WindowsContainerConfig();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
m.resources = $root.runtime.v1.WindowsContainerResources.decode(r, r.size(), $undefined, q + 1, m.resources);
continue;
}
case 2: {
if (u !== 2)
break;
m.securityContext = $root.runtime.v1.WindowsContainerSecurityContext.decode(r, r.size(), $undefined, q + 1, m.securityContext);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return WindowsContainerConfig;
})();

v1.WindowsContainerResources = (function() {

const WindowsContainerResources = function (p) {
this.affinityCpus = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

WindowsContainerResources.prototype.cpuShares = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
WindowsContainerResources.prototype.cpuCount = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
WindowsContainerResources.prototype.cpuMaximum = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
WindowsContainerResources.prototype.memoryLimitInBytes = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
WindowsContainerResources.prototype.rootfsSizeInBytes = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
WindowsContainerResources.prototype.affinityCpus = $util.emptyArray;

WindowsContainerResources.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.cpuShares != null && $Object.hasOwnProperty.call(m, "cpuShares") && (typeof m.cpuShares === "object" ? m.cpuShares.low || m.cpuShares.high : m.cpuShares !== 0))
w.uint32(8).int64(m.cpuShares);
if (m.cpuCount != null && $Object.hasOwnProperty.call(m, "cpuCount") && (typeof m.cpuCount === "object" ? m.cpuCount.low || m.cpuCount.high : m.cpuCount !== 0))
w.uint32(16).int64(m.cpuCount);
if (m.cpuMaximum != null && $Object.hasOwnProperty.call(m, "cpuMaximum") && (typeof m.cpuMaximum === "object" ? m.cpuMaximum.low || m.cpuMaximum.high : m.cpuMaximum !== 0))
w.uint32(24).int64(m.cpuMaximum);
if (m.memoryLimitInBytes != null && $Object.hasOwnProperty.call(m, "memoryLimitInBytes") && (typeof m.memoryLimitInBytes === "object" ? m.memoryLimitInBytes.low || m.memoryLimitInBytes.high : m.memoryLimitInBytes !== 0))
w.uint32(32).int64(m.memoryLimitInBytes);
if (m.rootfsSizeInBytes != null && $Object.hasOwnProperty.call(m, "rootfsSizeInBytes") && (typeof m.rootfsSizeInBytes === "object" ? m.rootfsSizeInBytes.low || m.rootfsSizeInBytes.high : m.rootfsSizeInBytes !== 0))
w.uint32(40).int64(m.rootfsSizeInBytes);
if (m.affinityCpus != null && m.affinityCpus.length) {
for (var i = 0; i < m.affinityCpus.length; ++i)
$root.runtime.v1.WindowsCpuGroupAffinity.encode(m.affinityCpus[i], w.uint32(50).fork(), q + 1).ldelim();
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

WindowsContainerResources.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.WindowsContainerResources();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 0)
break;
if (typeof (v = r.int64()) === "object" ? v.low || v.high : v !== 0)
m.cpuShares = v;
else
delete m.cpuShares;
continue;
}
case 2: {
if (u !== 0)
break;
if (typeof (v = r.int64()) === "object" ? v.low || v.high : v !== 0)
m.cpuCount = v;
else
delete m.cpuCount;
continue;
}
case 3: {
if (u !== 0)
break;
if (typeof (v = r.int64()) === "object" ? v.low || v.high : v !== 0)
m.cpuMaximum = v;
else
delete m.cpuMaximum;
continue;
}
case 4: {
if (u !== 0)
break;
if (typeof (v = r.int64()) === "object" ? v.low || v.high : v !== 0)
m.memoryLimitInBytes = v;
else
delete m.memoryLimitInBytes;
continue;
}
case 5: {
if (u !== 0)
break;
if (typeof (v = r.int64()) === "object" ? v.low || v.high : v !== 0)
m.rootfsSizeInBytes = v;
else
delete m.rootfsSizeInBytes;
continue;
}
case 6: {
if (u !== 2)
break;
if (!(m.affinityCpus && m.affinityCpus.length))
m.affinityCpus = [];
m.affinityCpus.push($root.runtime.v1.WindowsCpuGroupAffinity.decode(r, r.size(), $undefined, q + 1));
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return WindowsContainerResources;
})();

v1.WindowsCpuGroupAffinity = (function() {

const WindowsCpuGroupAffinity = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

WindowsCpuGroupAffinity.prototype.cpuMask = $util.Long ? $util.Long.fromBits(0,0,true) : 0;
WindowsCpuGroupAffinity.prototype.cpuGroup = 0;

WindowsCpuGroupAffinity.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.cpuMask != null && $Object.hasOwnProperty.call(m, "cpuMask") && (typeof m.cpuMask === "object" ? m.cpuMask.low || m.cpuMask.high : m.cpuMask !== 0))
w.uint32(8).uint64(m.cpuMask);
if (m.cpuGroup != null && $Object.hasOwnProperty.call(m, "cpuGroup") && m.cpuGroup !== 0)
w.uint32(16).uint32(m.cpuGroup);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

WindowsCpuGroupAffinity.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.WindowsCpuGroupAffinity();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 0)
break;
if (typeof (v = r.uint64()) === "object" ? v.low || v.high : v !== 0)
m.cpuMask = v;
else
delete m.cpuMask;
continue;
}
case 2: {
if (u !== 0)
break;
if (v = r.uint32())
m.cpuGroup = v;
else
delete m.cpuGroup;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return WindowsCpuGroupAffinity;
})();

v1.ContainerMetadata = (function() {

const ContainerMetadata = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ContainerMetadata.prototype.name = "";
ContainerMetadata.prototype.attempt = 0;

ContainerMetadata.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.name != null && $Object.hasOwnProperty.call(m, "name") && m.name !== "")
w.uint32(10).string(m.name);
if (m.attempt != null && $Object.hasOwnProperty.call(m, "attempt") && m.attempt !== 0)
w.uint32(16).uint32(m.attempt);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ContainerMetadata.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.ContainerMetadata();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.name = v;
else
delete m.name;
continue;
}
case 2: {
if (u !== 0)
break;
if (v = r.uint32())
m.attempt = v;
else
delete m.attempt;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ContainerMetadata;
})();

v1.Device = (function() {

const Device = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

Device.prototype.containerPath = "";
Device.prototype.hostPath = "";
Device.prototype.permissions = "";

Device.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.containerPath != null && $Object.hasOwnProperty.call(m, "containerPath") && m.containerPath !== "")
w.uint32(10).string(m.containerPath);
if (m.hostPath != null && $Object.hasOwnProperty.call(m, "hostPath") && m.hostPath !== "")
w.uint32(18).string(m.hostPath);
if (m.permissions != null && $Object.hasOwnProperty.call(m, "permissions") && m.permissions !== "")
w.uint32(26).string(m.permissions);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

Device.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.Device();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.containerPath = v;
else
delete m.containerPath;
continue;
}
case 2: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.hostPath = v;
else
delete m.hostPath;
continue;
}
case 3: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.permissions = v;
else
delete m.permissions;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return Device;
})();

v1.CDIDevice = (function() {

const CDIDevice = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

CDIDevice.prototype.name = "";

CDIDevice.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.name != null && $Object.hasOwnProperty.call(m, "name") && m.name !== "")
w.uint32(10).string(m.name);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

CDIDevice.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.CDIDevice();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.name = v;
else
delete m.name;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return CDIDevice;
})();

v1.ContainerConfig = (function() {

const ContainerConfig = function (p) {
this.command = [];
this.args = [];
this.envs = [];
this.mounts = [];
this.devices = [];
this.labels = {};
this.annotations = {};
this.CDIDevices = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ContainerConfig.prototype.metadata = null;
ContainerConfig.prototype.image = null;
ContainerConfig.prototype.command = $util.emptyArray;
ContainerConfig.prototype.args = $util.emptyArray;
ContainerConfig.prototype.workingDir = "";
ContainerConfig.prototype.envs = $util.emptyArray;
ContainerConfig.prototype.mounts = $util.emptyArray;
ContainerConfig.prototype.devices = $util.emptyArray;
ContainerConfig.prototype.labels = $util.emptyObject;
ContainerConfig.prototype.annotations = $util.emptyObject;
ContainerConfig.prototype.logPath = "";
ContainerConfig.prototype.stdin = false;
ContainerConfig.prototype.stdinOnce = false;
ContainerConfig.prototype.tty = false;
ContainerConfig.prototype.linux = null;
ContainerConfig.prototype.windows = null;
ContainerConfig.prototype.CDIDevices = $util.emptyArray;
ContainerConfig.prototype.stopSignal = 0;

ContainerConfig.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.metadata != null && $Object.hasOwnProperty.call(m, "metadata"))
$root.runtime.v1.ContainerMetadata.encode(m.metadata, w.uint32(10).fork(), q + 1).ldelim();
if (m.image != null && $Object.hasOwnProperty.call(m, "image"))
$root.runtime.v1.ImageSpec.encode(m.image, w.uint32(18).fork(), q + 1).ldelim();
if (m.command != null && m.command.length) {
for (var i = 0; i < m.command.length; ++i)
w.uint32(26).string(m.command[i]);
}
if (m.args != null && m.args.length) {
for (var i = 0; i < m.args.length; ++i)
w.uint32(34).string(m.args[i]);
}
if (m.workingDir != null && $Object.hasOwnProperty.call(m, "workingDir") && m.workingDir !== "")
w.uint32(42).string(m.workingDir);
if (m.envs != null && m.envs.length) {
for (var i = 0; i < m.envs.length; ++i)
$root.runtime.v1.KeyValue.encode(m.envs[i], w.uint32(50).fork(), q + 1).ldelim();
}
if (m.mounts != null && m.mounts.length) {
for (var i = 0; i < m.mounts.length; ++i)
$root.runtime.v1.Mount.encode(m.mounts[i], w.uint32(58).fork(), q + 1).ldelim();
}
if (m.devices != null && m.devices.length) {
for (var i = 0; i < m.devices.length; ++i)
$root.runtime.v1.Device.encode(m.devices[i], w.uint32(66).fork(), q + 1).ldelim();
}
if (m.labels != null && $Object.hasOwnProperty.call(m, "labels")) {
for (var ks = $Object.keys(m.labels), i = 0; i < ks.length; ++i) {
w.uint32(74).fork().uint32(10).string(ks[i]).uint32(18).string(m.labels[ks[i]]).ldelim();
}
}
if (m.annotations != null && $Object.hasOwnProperty.call(m, "annotations")) {
for (var ks = $Object.keys(m.annotations), i = 0; i < ks.length; ++i) {
w.uint32(82).fork().uint32(10).string(ks[i]).uint32(18).string(m.annotations[ks[i]]).ldelim();
}
}
if (m.logPath != null && $Object.hasOwnProperty.call(m, "logPath") && m.logPath !== "")
w.uint32(90).string(m.logPath);
if (m.stdin != null && $Object.hasOwnProperty.call(m, "stdin") && m.stdin !== false)
w.uint32(96).bool(m.stdin);
if (m.stdinOnce != null && $Object.hasOwnProperty.call(m, "stdinOnce") && m.stdinOnce !== false)
w.uint32(104).bool(m.stdinOnce);
if (m.tty != null && $Object.hasOwnProperty.call(m, "tty") && m.tty !== false)
w.uint32(112).bool(m.tty);
if (m.linux != null && $Object.hasOwnProperty.call(m, "linux"))
$root.runtime.v1.LinuxContainerConfig.encode(m.linux, w.uint32(122).fork(), q + 1).ldelim();
if (m.windows != null && $Object.hasOwnProperty.call(m, "windows"))
$root.runtime.v1.WindowsContainerConfig.encode(m.windows, w.uint32(130).fork(), q + 1).ldelim();
if (m.CDIDevices != null && m.CDIDevices.length) {
for (var i = 0; i < m.CDIDevices.length; ++i)
$root.runtime.v1.CDIDevice.encode(m.CDIDevices[i], w.uint32(138).fork(), q + 1).ldelim();
}
if (m.stopSignal != null && $Object.hasOwnProperty.call(m, "stopSignal") && m.stopSignal !== 0)
w.uint32(144).int32(m.stopSignal);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ContainerConfig.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, k, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.ContainerConfig();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
m.metadata = $root.runtime.v1.ContainerMetadata.decode(r, r.size(), $undefined, q + 1, m.metadata);
continue;
}
case 2: {
if (u !== 2)
break;
m.image = $root.runtime.v1.ImageSpec.decode(r, r.size(), $undefined, q + 1, m.image);
continue;
}
case 3: {
if (u !== 2)
break;
if (!(m.command && m.command.length))
m.command = [];
m.command.push(r.stringVerify());
continue;
}
case 4: {
if (u !== 2)
break;
if (!(m.args && m.args.length))
m.args = [];
m.args.push(r.stringVerify());
continue;
}
case 5: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.workingDir = v;
else
delete m.workingDir;
continue;
}
case 6: {
if (u !== 2)
break;
if (!(m.envs && m.envs.length))
m.envs = [];
m.envs.push($root.runtime.v1.KeyValue.decode(r, r.size(), $undefined, q + 1));
continue;
}
case 7: {
if (u !== 2)
break;
if (!(m.mounts && m.mounts.length))
m.mounts = [];
m.mounts.push($root.runtime.v1.Mount.decode(r, r.size(), $undefined, q + 1));
continue;
}
case 8: {
if (u !== 2)
break;
if (!(m.devices && m.devices.length))
m.devices = [];
m.devices.push($root.runtime.v1.Device.decode(r, r.size(), $undefined, q + 1));
continue;
}
case 9: {
if (u !== 2)
break;
if (m.labels === $util.emptyObject)
m.labels = {};
var c2 = r.size() + r.pos;
if (c2 > r.len)
throw $RangeError("index out of range");
r.len = c2;
k = "";
v = "";
while (r.pos < c2) {
var t2 = r.tag();
u = t2 & 7;
switch (t2 >>>= 3) {
case 1:
if (u !== 2)
break;
k = r.stringVerify();
continue;
case 2:
if (u !== 2)
break;
v = r.stringVerify();
continue;
}
r.skipType(u, q, t2);
}
if (r.pos !== c2)
throw $RangeError("index out of range");
r.len = c;
if (k === "__proto__")
$util.makeProp(m.labels, k);
m.labels[k] = v;
continue;
}
case 10: {
if (u !== 2)
break;
if (m.annotations === $util.emptyObject)
m.annotations = {};
var c2 = r.size() + r.pos;
if (c2 > r.len)
throw $RangeError("index out of range");
r.len = c2;
k = "";
v = "";
while (r.pos < c2) {
var t2 = r.tag();
u = t2 & 7;
switch (t2 >>>= 3) {
case 1:
if (u !== 2)
break;
k = r.stringVerify();
continue;
case 2:
if (u !== 2)
break;
v = r.stringVerify();
continue;
}
r.skipType(u, q, t2);
}
if (r.pos !== c2)
throw $RangeError("index out of range");
r.len = c;
if (k === "__proto__")
$util.makeProp(m.annotations, k);
m.annotations[k] = v;
continue;
}
case 11: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.logPath = v;
else
delete m.logPath;
continue;
}
case 12: {
if (u !== 0)
break;
if (v = r.bool())
m.stdin = v;
else
delete m.stdin;
continue;
}
case 13: {
if (u !== 0)
break;
if (v = r.bool())
m.stdinOnce = v;
else
delete m.stdinOnce;
continue;
}
case 14: {
if (u !== 0)
break;
if (v = r.bool())
m.tty = v;
else
delete m.tty;
continue;
}
case 15: {
if (u !== 2)
break;
m.linux = $root.runtime.v1.LinuxContainerConfig.decode(r, r.size(), $undefined, q + 1, m.linux);
continue;
}
case 16: {
if (u !== 2)
break;
m.windows = $root.runtime.v1.WindowsContainerConfig.decode(r, r.size(), $undefined, q + 1, m.windows);
continue;
}
case 17: {
if (u !== 2)
break;
if (!(m.CDIDevices && m.CDIDevices.length))
m.CDIDevices = [];
m.CDIDevices.push($root.runtime.v1.CDIDevice.decode(r, r.size(), $undefined, q + 1));
continue;
}
case 18: {
if (u !== 0)
break;
if (v = r.int32())
m.stopSignal = v;
else
delete m.stopSignal;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ContainerConfig;
})();

v1.Signal = (function() {
const valuesById = $Object.create(null), values = $Object.create(valuesById);
values[valuesById[0] = "SIGNAL_RUNTIME_DEFAULT"] = 0;
values[valuesById[1] = "SIGNAL_SIGABRT"] = 1;
values[valuesById[2] = "SIGNAL_SIGALRM"] = 2;
values[valuesById[3] = "SIGNAL_SIGBUS"] = 3;
values[valuesById[4] = "SIGNAL_SIGCHLD"] = 4;
values[valuesById[5] = "SIGNAL_SIGCLD"] = 5;
values[valuesById[6] = "SIGNAL_SIGCONT"] = 6;
values[valuesById[7] = "SIGNAL_SIGFPE"] = 7;
values[valuesById[8] = "SIGNAL_SIGHUP"] = 8;
values[valuesById[9] = "SIGNAL_SIGILL"] = 9;
values[valuesById[10] = "SIGNAL_SIGINT"] = 10;
values[valuesById[11] = "SIGNAL_SIGIO"] = 11;
values[valuesById[12] = "SIGNAL_SIGIOT"] = 12;
values[valuesById[13] = "SIGNAL_SIGKILL"] = 13;
values[valuesById[14] = "SIGNAL_SIGPIPE"] = 14;
values[valuesById[15] = "SIGNAL_SIGPOLL"] = 15;
values[valuesById[16] = "SIGNAL_SIGPROF"] = 16;
values[valuesById[17] = "SIGNAL_SIGPWR"] = 17;
values[valuesById[18] = "SIGNAL_SIGQUIT"] = 18;
values[valuesById[19] = "SIGNAL_SIGSEGV"] = 19;
values[valuesById[20] = "SIGNAL_SIGSTKFLT"] = 20;
values[valuesById[21] = "SIGNAL_SIGSTOP"] = 21;
values[valuesById[22] = "SIGNAL_SIGSYS"] = 22;
values[valuesById[23] = "SIGNAL_SIGTERM"] = 23;
values[valuesById[24] = "SIGNAL_SIGTRAP"] = 24;
values[valuesById[25] = "SIGNAL_SIGTSTP"] = 25;
values[valuesById[26] = "SIGNAL_SIGTTIN"] = 26;
values[valuesById[27] = "SIGNAL_SIGTTOU"] = 27;
values[valuesById[28] = "SIGNAL_SIGURG"] = 28;
values[valuesById[29] = "SIGNAL_SIGUSR1"] = 29;
values[valuesById[30] = "SIGNAL_SIGUSR2"] = 30;
values[valuesById[31] = "SIGNAL_SIGVTALRM"] = 31;
values[valuesById[32] = "SIGNAL_SIGWINCH"] = 32;
values[valuesById[33] = "SIGNAL_SIGXCPU"] = 33;
values[valuesById[34] = "SIGNAL_SIGXFSZ"] = 34;
values[valuesById[35] = "SIGNAL_SIGRTMIN"] = 35;
values[valuesById[36] = "SIGNAL_SIGRTMINPLUS1"] = 36;
values[valuesById[37] = "SIGNAL_SIGRTMINPLUS2"] = 37;
values[valuesById[38] = "SIGNAL_SIGRTMINPLUS3"] = 38;
values[valuesById[39] = "SIGNAL_SIGRTMINPLUS4"] = 39;
values[valuesById[40] = "SIGNAL_SIGRTMINPLUS5"] = 40;
values[valuesById[41] = "SIGNAL_SIGRTMINPLUS6"] = 41;
values[valuesById[42] = "SIGNAL_SIGRTMINPLUS7"] = 42;
values[valuesById[43] = "SIGNAL_SIGRTMINPLUS8"] = 43;
values[valuesById[44] = "SIGNAL_SIGRTMINPLUS9"] = 44;
values[valuesById[45] = "SIGNAL_SIGRTMINPLUS10"] = 45;
values[valuesById[46] = "SIGNAL_SIGRTMINPLUS11"] = 46;
values[valuesById[47] = "SIGNAL_SIGRTMINPLUS12"] = 47;
values[valuesById[48] = "SIGNAL_SIGRTMINPLUS13"] = 48;
values[valuesById[49] = "SIGNAL_SIGRTMINPLUS14"] = 49;
values[valuesById[50] = "SIGNAL_SIGRTMINPLUS15"] = 50;
values[valuesById[51] = "SIGNAL_SIGRTMAXMINUS14"] = 51;
values[valuesById[52] = "SIGNAL_SIGRTMAXMINUS13"] = 52;
values[valuesById[53] = "SIGNAL_SIGRTMAXMINUS12"] = 53;
values[valuesById[54] = "SIGNAL_SIGRTMAXMINUS11"] = 54;
values[valuesById[55] = "SIGNAL_SIGRTMAXMINUS10"] = 55;
values[valuesById[56] = "SIGNAL_SIGRTMAXMINUS9"] = 56;
values[valuesById[57] = "SIGNAL_SIGRTMAXMINUS8"] = 57;
values[valuesById[58] = "SIGNAL_SIGRTMAXMINUS7"] = 58;
values[valuesById[59] = "SIGNAL_SIGRTMAXMINUS6"] = 59;
values[valuesById[60] = "SIGNAL_SIGRTMAXMINUS5"] = 60;
values[valuesById[61] = "SIGNAL_SIGRTMAXMINUS4"] = 61;
values[valuesById[62] = "SIGNAL_SIGRTMAXMINUS3"] = 62;
values[valuesById[63] = "SIGNAL_SIGRTMAXMINUS2"] = 63;
values[valuesById[64] = "SIGNAL_SIGRTMAXMINUS1"] = 64;
values[valuesById[65] = "SIGNAL_SIGRTMAX"] = 65;
return values;
})();

v1.CreateContainerRequest = (function() {

const CreateContainerRequest = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

CreateContainerRequest.prototype.podSandboxId = "";
CreateContainerRequest.prototype.config = null;
CreateContainerRequest.prototype.sandboxConfig = null;

CreateContainerRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.podSandboxId != null && $Object.hasOwnProperty.call(m, "podSandboxId") && m.podSandboxId !== "")
w.uint32(10).string(m.podSandboxId);
if (m.config != null && $Object.hasOwnProperty.call(m, "config"))
$root.runtime.v1.ContainerConfig.encode(m.config, w.uint32(18).fork(), q + 1).ldelim();
if (m.sandboxConfig != null && $Object.hasOwnProperty.call(m, "sandboxConfig"))
$root.runtime.v1.PodSandboxConfig.encode(m.sandboxConfig, w.uint32(26).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

CreateContainerRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.CreateContainerRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.podSandboxId = v;
else
delete m.podSandboxId;
continue;
}
case 2: {
if (u !== 2)
break;
m.config = $root.runtime.v1.ContainerConfig.decode(r, r.size(), $undefined, q + 1, m.config);
continue;
}
case 3: {
if (u !== 2)
break;
m.sandboxConfig = $root.runtime.v1.PodSandboxConfig.decode(r, r.size(), $undefined, q + 1, m.sandboxConfig);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return CreateContainerRequest;
})();

v1.CreateContainerResponse = (function() {

const CreateContainerResponse = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

CreateContainerResponse.prototype.containerId = "";

CreateContainerResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.containerId != null && $Object.hasOwnProperty.call(m, "containerId") && m.containerId !== "")
w.uint32(10).string(m.containerId);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

CreateContainerResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.CreateContainerResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.containerId = v;
else
delete m.containerId;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return CreateContainerResponse;
})();

v1.StartContainerRequest = (function() {

const StartContainerRequest = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

StartContainerRequest.prototype.containerId = "";

StartContainerRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.containerId != null && $Object.hasOwnProperty.call(m, "containerId") && m.containerId !== "")
w.uint32(10).string(m.containerId);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

StartContainerRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.StartContainerRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.containerId = v;
else
delete m.containerId;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return StartContainerRequest;
})();

v1.StartContainerResponse = (function() {

const StartContainerResponse = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

StartContainerResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

StartContainerResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.StartContainerResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
r.skipType(t & 7, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return StartContainerResponse;
})();

v1.StopContainerRequest = (function() {

const StopContainerRequest = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

StopContainerRequest.prototype.containerId = "";
StopContainerRequest.prototype.timeout = $util.Long ? $util.Long.fromBits(0,0,false) : 0;

StopContainerRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.containerId != null && $Object.hasOwnProperty.call(m, "containerId") && m.containerId !== "")
w.uint32(10).string(m.containerId);
if (m.timeout != null && $Object.hasOwnProperty.call(m, "timeout") && (typeof m.timeout === "object" ? m.timeout.low || m.timeout.high : m.timeout !== 0))
w.uint32(16).int64(m.timeout);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

StopContainerRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.StopContainerRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.containerId = v;
else
delete m.containerId;
continue;
}
case 2: {
if (u !== 0)
break;
if (typeof (v = r.int64()) === "object" ? v.low || v.high : v !== 0)
m.timeout = v;
else
delete m.timeout;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return StopContainerRequest;
})();

v1.StopContainerResponse = (function() {

const StopContainerResponse = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

StopContainerResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

StopContainerResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.StopContainerResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
r.skipType(t & 7, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return StopContainerResponse;
})();

v1.RemoveContainerRequest = (function() {

const RemoveContainerRequest = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

RemoveContainerRequest.prototype.containerId = "";

RemoveContainerRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.containerId != null && $Object.hasOwnProperty.call(m, "containerId") && m.containerId !== "")
w.uint32(10).string(m.containerId);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

RemoveContainerRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.RemoveContainerRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.containerId = v;
else
delete m.containerId;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return RemoveContainerRequest;
})();

v1.RemoveContainerResponse = (function() {

const RemoveContainerResponse = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

RemoveContainerResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

RemoveContainerResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.RemoveContainerResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
r.skipType(t & 7, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return RemoveContainerResponse;
})();

v1.ContainerState = (function() {
const valuesById = $Object.create(null), values = $Object.create(valuesById);
values[valuesById[0] = "CONTAINER_CREATED"] = 0;
values[valuesById[1] = "CONTAINER_RUNNING"] = 1;
values[valuesById[2] = "CONTAINER_EXITED"] = 2;
values[valuesById[3] = "CONTAINER_UNKNOWN"] = 3;
return values;
})();

v1.ContainerStateValue = (function() {

const ContainerStateValue = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ContainerStateValue.prototype.state = 0;

ContainerStateValue.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.state != null && $Object.hasOwnProperty.call(m, "state") && m.state !== 0)
w.uint32(8).int32(m.state);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ContainerStateValue.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.ContainerStateValue();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 0)
break;
if (v = r.int32())
m.state = v;
else
delete m.state;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ContainerStateValue;
})();

v1.ContainerFilter = (function() {

const ContainerFilter = function (p) {
this.labelSelector = {};
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ContainerFilter.prototype.id = "";
ContainerFilter.prototype.state = null;
ContainerFilter.prototype.podSandboxId = "";
ContainerFilter.prototype.labelSelector = $util.emptyObject;

ContainerFilter.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.id != null && $Object.hasOwnProperty.call(m, "id") && m.id !== "")
w.uint32(10).string(m.id);
if (m.state != null && $Object.hasOwnProperty.call(m, "state"))
$root.runtime.v1.ContainerStateValue.encode(m.state, w.uint32(18).fork(), q + 1).ldelim();
if (m.podSandboxId != null && $Object.hasOwnProperty.call(m, "podSandboxId") && m.podSandboxId !== "")
w.uint32(26).string(m.podSandboxId);
if (m.labelSelector != null && $Object.hasOwnProperty.call(m, "labelSelector")) {
for (var ks = $Object.keys(m.labelSelector), i = 0; i < ks.length; ++i) {
w.uint32(34).fork().uint32(10).string(ks[i]).uint32(18).string(m.labelSelector[ks[i]]).ldelim();
}
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ContainerFilter.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, k, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.ContainerFilter();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.id = v;
else
delete m.id;
continue;
}
case 2: {
if (u !== 2)
break;
m.state = $root.runtime.v1.ContainerStateValue.decode(r, r.size(), $undefined, q + 1, m.state);
continue;
}
case 3: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.podSandboxId = v;
else
delete m.podSandboxId;
continue;
}
case 4: {
if (u !== 2)
break;
if (m.labelSelector === $util.emptyObject)
m.labelSelector = {};
var c2 = r.size() + r.pos;
if (c2 > r.len)
throw $RangeError("index out of range");
r.len = c2;
k = "";
v = "";
while (r.pos < c2) {
var t2 = r.tag();
u = t2 & 7;
switch (t2 >>>= 3) {
case 1:
if (u !== 2)
break;
k = r.stringVerify();
continue;
case 2:
if (u !== 2)
break;
v = r.stringVerify();
continue;
}
r.skipType(u, q, t2);
}
if (r.pos !== c2)
throw $RangeError("index out of range");
r.len = c;
if (k === "__proto__")
$util.makeProp(m.labelSelector, k);
m.labelSelector[k] = v;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ContainerFilter;
})();

v1.ListContainersRequest = (function() {

const ListContainersRequest = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ListContainersRequest.prototype.filter = null;

ListContainersRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.filter != null && $Object.hasOwnProperty.call(m, "filter"))
$root.runtime.v1.ContainerFilter.encode(m.filter, w.uint32(10).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ListContainersRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.ListContainersRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
m.filter = $root.runtime.v1.ContainerFilter.decode(r, r.size(), $undefined, q + 1, m.filter);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ListContainersRequest;
})();

v1.Container = (function() {

const Container = function (p) {
this.labels = {};
this.annotations = {};
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

Container.prototype.id = "";
Container.prototype.podSandboxId = "";
Container.prototype.metadata = null;
Container.prototype.image = null;
Container.prototype.imageRef = "";
Container.prototype.state = 0;
Container.prototype.createdAt = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
Container.prototype.labels = $util.emptyObject;
Container.prototype.annotations = $util.emptyObject;
Container.prototype.imageId = "";

Container.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.id != null && $Object.hasOwnProperty.call(m, "id") && m.id !== "")
w.uint32(10).string(m.id);
if (m.podSandboxId != null && $Object.hasOwnProperty.call(m, "podSandboxId") && m.podSandboxId !== "")
w.uint32(18).string(m.podSandboxId);
if (m.metadata != null && $Object.hasOwnProperty.call(m, "metadata"))
$root.runtime.v1.ContainerMetadata.encode(m.metadata, w.uint32(26).fork(), q + 1).ldelim();
if (m.image != null && $Object.hasOwnProperty.call(m, "image"))
$root.runtime.v1.ImageSpec.encode(m.image, w.uint32(34).fork(), q + 1).ldelim();
if (m.imageRef != null && $Object.hasOwnProperty.call(m, "imageRef") && m.imageRef !== "")
w.uint32(42).string(m.imageRef);
if (m.state != null && $Object.hasOwnProperty.call(m, "state") && m.state !== 0)
w.uint32(48).int32(m.state);
if (m.createdAt != null && $Object.hasOwnProperty.call(m, "createdAt") && (typeof m.createdAt === "object" ? m.createdAt.low || m.createdAt.high : m.createdAt !== 0))
w.uint32(56).int64(m.createdAt);
if (m.labels != null && $Object.hasOwnProperty.call(m, "labels")) {
for (var ks = $Object.keys(m.labels), i = 0; i < ks.length; ++i) {
w.uint32(66).fork().uint32(10).string(ks[i]).uint32(18).string(m.labels[ks[i]]).ldelim();
}
}
if (m.annotations != null && $Object.hasOwnProperty.call(m, "annotations")) {
for (var ks = $Object.keys(m.annotations), i = 0; i < ks.length; ++i) {
w.uint32(74).fork().uint32(10).string(ks[i]).uint32(18).string(m.annotations[ks[i]]).ldelim();
}
}
if (m.imageId != null && $Object.hasOwnProperty.call(m, "imageId") && m.imageId !== "")
w.uint32(82).string(m.imageId);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

Container.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, k, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.Container();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.id = v;
else
delete m.id;
continue;
}
case 2: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.podSandboxId = v;
else
delete m.podSandboxId;
continue;
}
case 3: {
if (u !== 2)
break;
m.metadata = $root.runtime.v1.ContainerMetadata.decode(r, r.size(), $undefined, q + 1, m.metadata);
continue;
}
case 4: {
if (u !== 2)
break;
m.image = $root.runtime.v1.ImageSpec.decode(r, r.size(), $undefined, q + 1, m.image);
continue;
}
case 5: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.imageRef = v;
else
delete m.imageRef;
continue;
}
case 6: {
if (u !== 0)
break;
if (v = r.int32())
m.state = v;
else
delete m.state;
continue;
}
case 7: {
if (u !== 0)
break;
if (typeof (v = r.int64()) === "object" ? v.low || v.high : v !== 0)
m.createdAt = v;
else
delete m.createdAt;
continue;
}
case 8: {
if (u !== 2)
break;
if (m.labels === $util.emptyObject)
m.labels = {};
var c2 = r.size() + r.pos;
if (c2 > r.len)
throw $RangeError("index out of range");
r.len = c2;
k = "";
v = "";
while (r.pos < c2) {
var t2 = r.tag();
u = t2 & 7;
switch (t2 >>>= 3) {
case 1:
if (u !== 2)
break;
k = r.stringVerify();
continue;
case 2:
if (u !== 2)
break;
v = r.stringVerify();
continue;
}
r.skipType(u, q, t2);
}
if (r.pos !== c2)
throw $RangeError("index out of range");
r.len = c;
if (k === "__proto__")
$util.makeProp(m.labels, k);
m.labels[k] = v;
continue;
}
case 9: {
if (u !== 2)
break;
if (m.annotations === $util.emptyObject)
m.annotations = {};
var c2 = r.size() + r.pos;
if (c2 > r.len)
throw $RangeError("index out of range");
r.len = c2;
k = "";
v = "";
while (r.pos < c2) {
var t2 = r.tag();
u = t2 & 7;
switch (t2 >>>= 3) {
case 1:
if (u !== 2)
break;
k = r.stringVerify();
continue;
case 2:
if (u !== 2)
break;
v = r.stringVerify();
continue;
}
r.skipType(u, q, t2);
}
if (r.pos !== c2)
throw $RangeError("index out of range");
r.len = c;
if (k === "__proto__")
$util.makeProp(m.annotations, k);
m.annotations[k] = v;
continue;
}
case 10: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.imageId = v;
else
delete m.imageId;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return Container;
})();

v1.ListContainersResponse = (function() {

const ListContainersResponse = function (p) {
this.containers = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ListContainersResponse.prototype.containers = $util.emptyArray;

ListContainersResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.containers != null && m.containers.length) {
for (var i = 0; i < m.containers.length; ++i)
$root.runtime.v1.Container.encode(m.containers[i], w.uint32(10).fork(), q + 1).ldelim();
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ListContainersResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.ListContainersResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if (!(m.containers && m.containers.length))
m.containers = [];
m.containers.push($root.runtime.v1.Container.decode(r, r.size(), $undefined, q + 1));
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ListContainersResponse;
})();

v1.StreamContainersRequest = (function() {

const StreamContainersRequest = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

StreamContainersRequest.prototype.filter = null;

StreamContainersRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.filter != null && $Object.hasOwnProperty.call(m, "filter"))
$root.runtime.v1.ContainerFilter.encode(m.filter, w.uint32(10).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

StreamContainersRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.StreamContainersRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
m.filter = $root.runtime.v1.ContainerFilter.decode(r, r.size(), $undefined, q + 1, m.filter);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return StreamContainersRequest;
})();

v1.StreamContainersResponse = (function() {

const StreamContainersResponse = function (p) {
this.containers = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

StreamContainersResponse.prototype.containers = $util.emptyArray;

StreamContainersResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.containers != null && m.containers.length) {
for (var i = 0; i < m.containers.length; ++i)
$root.runtime.v1.Container.encode(m.containers[i], w.uint32(10).fork(), q + 1).ldelim();
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

StreamContainersResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.StreamContainersResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if (!(m.containers && m.containers.length))
m.containers = [];
m.containers.push($root.runtime.v1.Container.decode(r, r.size(), $undefined, q + 1));
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return StreamContainersResponse;
})();

v1.ContainerStatusRequest = (function() {

const ContainerStatusRequest = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ContainerStatusRequest.prototype.containerId = "";
ContainerStatusRequest.prototype.verbose = false;

ContainerStatusRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.containerId != null && $Object.hasOwnProperty.call(m, "containerId") && m.containerId !== "")
w.uint32(10).string(m.containerId);
if (m.verbose != null && $Object.hasOwnProperty.call(m, "verbose") && m.verbose !== false)
w.uint32(16).bool(m.verbose);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ContainerStatusRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.ContainerStatusRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.containerId = v;
else
delete m.containerId;
continue;
}
case 2: {
if (u !== 0)
break;
if (v = r.bool())
m.verbose = v;
else
delete m.verbose;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ContainerStatusRequest;
})();

v1.ContainerStatus = (function() {

const ContainerStatus = function (p) {
this.labels = {};
this.annotations = {};
this.mounts = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ContainerStatus.prototype.id = "";
ContainerStatus.prototype.metadata = null;
ContainerStatus.prototype.state = 0;
ContainerStatus.prototype.createdAt = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
ContainerStatus.prototype.startedAt = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
ContainerStatus.prototype.finishedAt = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
ContainerStatus.prototype.exitCode = 0;
ContainerStatus.prototype.image = null;
ContainerStatus.prototype.imageRef = "";
ContainerStatus.prototype.reason = "";
ContainerStatus.prototype.message = "";
ContainerStatus.prototype.labels = $util.emptyObject;
ContainerStatus.prototype.annotations = $util.emptyObject;
ContainerStatus.prototype.mounts = $util.emptyArray;
ContainerStatus.prototype.logPath = "";
ContainerStatus.prototype.resources = null;
ContainerStatus.prototype.imageId = "";
ContainerStatus.prototype.user = null;
ContainerStatus.prototype.stopSignal = 0;

ContainerStatus.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.id != null && $Object.hasOwnProperty.call(m, "id") && m.id !== "")
w.uint32(10).string(m.id);
if (m.metadata != null && $Object.hasOwnProperty.call(m, "metadata"))
$root.runtime.v1.ContainerMetadata.encode(m.metadata, w.uint32(18).fork(), q + 1).ldelim();
if (m.state != null && $Object.hasOwnProperty.call(m, "state") && m.state !== 0)
w.uint32(24).int32(m.state);
if (m.createdAt != null && $Object.hasOwnProperty.call(m, "createdAt") && (typeof m.createdAt === "object" ? m.createdAt.low || m.createdAt.high : m.createdAt !== 0))
w.uint32(32).int64(m.createdAt);
if (m.startedAt != null && $Object.hasOwnProperty.call(m, "startedAt") && (typeof m.startedAt === "object" ? m.startedAt.low || m.startedAt.high : m.startedAt !== 0))
w.uint32(40).int64(m.startedAt);
if (m.finishedAt != null && $Object.hasOwnProperty.call(m, "finishedAt") && (typeof m.finishedAt === "object" ? m.finishedAt.low || m.finishedAt.high : m.finishedAt !== 0))
w.uint32(48).int64(m.finishedAt);
if (m.exitCode != null && $Object.hasOwnProperty.call(m, "exitCode") && m.exitCode !== 0)
w.uint32(56).int32(m.exitCode);
if (m.image != null && $Object.hasOwnProperty.call(m, "image"))
$root.runtime.v1.ImageSpec.encode(m.image, w.uint32(66).fork(), q + 1).ldelim();
if (m.imageRef != null && $Object.hasOwnProperty.call(m, "imageRef") && m.imageRef !== "")
w.uint32(74).string(m.imageRef);
if (m.reason != null && $Object.hasOwnProperty.call(m, "reason") && m.reason !== "")
w.uint32(82).string(m.reason);
if (m.message != null && $Object.hasOwnProperty.call(m, "message") && m.message !== "")
w.uint32(90).string(m.message);
if (m.labels != null && $Object.hasOwnProperty.call(m, "labels")) {
for (var ks = $Object.keys(m.labels), i = 0; i < ks.length; ++i) {
w.uint32(98).fork().uint32(10).string(ks[i]).uint32(18).string(m.labels[ks[i]]).ldelim();
}
}
if (m.annotations != null && $Object.hasOwnProperty.call(m, "annotations")) {
for (var ks = $Object.keys(m.annotations), i = 0; i < ks.length; ++i) {
w.uint32(106).fork().uint32(10).string(ks[i]).uint32(18).string(m.annotations[ks[i]]).ldelim();
}
}
if (m.mounts != null && m.mounts.length) {
for (var i = 0; i < m.mounts.length; ++i)
$root.runtime.v1.Mount.encode(m.mounts[i], w.uint32(114).fork(), q + 1).ldelim();
}
if (m.logPath != null && $Object.hasOwnProperty.call(m, "logPath") && m.logPath !== "")
w.uint32(122).string(m.logPath);
if (m.resources != null && $Object.hasOwnProperty.call(m, "resources"))
$root.runtime.v1.ContainerResources.encode(m.resources, w.uint32(130).fork(), q + 1).ldelim();
if (m.imageId != null && $Object.hasOwnProperty.call(m, "imageId") && m.imageId !== "")
w.uint32(138).string(m.imageId);
if (m.user != null && $Object.hasOwnProperty.call(m, "user"))
$root.runtime.v1.ContainerUser.encode(m.user, w.uint32(146).fork(), q + 1).ldelim();
if (m.stopSignal != null && $Object.hasOwnProperty.call(m, "stopSignal") && m.stopSignal !== 0)
w.uint32(152).int32(m.stopSignal);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ContainerStatus.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, k, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.ContainerStatus();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.id = v;
else
delete m.id;
continue;
}
case 2: {
if (u !== 2)
break;
m.metadata = $root.runtime.v1.ContainerMetadata.decode(r, r.size(), $undefined, q + 1, m.metadata);
continue;
}
case 3: {
if (u !== 0)
break;
if (v = r.int32())
m.state = v;
else
delete m.state;
continue;
}
case 4: {
if (u !== 0)
break;
if (typeof (v = r.int64()) === "object" ? v.low || v.high : v !== 0)
m.createdAt = v;
else
delete m.createdAt;
continue;
}
case 5: {
if (u !== 0)
break;
if (typeof (v = r.int64()) === "object" ? v.low || v.high : v !== 0)
m.startedAt = v;
else
delete m.startedAt;
continue;
}
case 6: {
if (u !== 0)
break;
if (typeof (v = r.int64()) === "object" ? v.low || v.high : v !== 0)
m.finishedAt = v;
else
delete m.finishedAt;
continue;
}
case 7: {
if (u !== 0)
break;
if (v = r.int32())
m.exitCode = v;
else
delete m.exitCode;
continue;
}
case 8: {
if (u !== 2)
break;
m.image = $root.runtime.v1.ImageSpec.decode(r, r.size(), $undefined, q + 1, m.image);
continue;
}
case 9: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.imageRef = v;
else
delete m.imageRef;
continue;
}
case 10: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.reason = v;
else
delete m.reason;
continue;
}
case 11: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.message = v;
else
delete m.message;
continue;
}
case 12: {
if (u !== 2)
break;
if (m.labels === $util.emptyObject)
m.labels = {};
var c2 = r.size() + r.pos;
if (c2 > r.len)
throw $RangeError("index out of range");
r.len = c2;
k = "";
v = "";
while (r.pos < c2) {
var t2 = r.tag();
u = t2 & 7;
switch (t2 >>>= 3) {
case 1:
if (u !== 2)
break;
k = r.stringVerify();
continue;
case 2:
if (u !== 2)
break;
v = r.stringVerify();
continue;
}
r.skipType(u, q, t2);
}
if (r.pos !== c2)
throw $RangeError("index out of range");
r.len = c;
if (k === "__proto__")
$util.makeProp(m.labels, k);
m.labels[k] = v;
continue;
}
case 13: {
if (u !== 2)
break;
if (m.annotations === $util.emptyObject)
m.annotations = {};
var c2 = r.size() + r.pos;
if (c2 > r.len)
throw $RangeError("index out of range");
r.len = c2;
k = "";
v = "";
while (r.pos < c2) {
var t2 = r.tag();
u = t2 & 7;
switch (t2 >>>= 3) {
case 1:
if (u !== 2)
break;
k = r.stringVerify();
continue;
case 2:
if (u !== 2)
break;
v = r.stringVerify();
continue;
}
r.skipType(u, q, t2);
}
if (r.pos !== c2)
throw $RangeError("index out of range");
r.len = c;
if (k === "__proto__")
$util.makeProp(m.annotations, k);
m.annotations[k] = v;
continue;
}
case 14: {
if (u !== 2)
break;
if (!(m.mounts && m.mounts.length))
m.mounts = [];
m.mounts.push($root.runtime.v1.Mount.decode(r, r.size(), $undefined, q + 1));
continue;
}
case 15: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.logPath = v;
else
delete m.logPath;
continue;
}
case 16: {
if (u !== 2)
break;
m.resources = $root.runtime.v1.ContainerResources.decode(r, r.size(), $undefined, q + 1, m.resources);
continue;
}
case 17: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.imageId = v;
else
delete m.imageId;
continue;
}
case 18: {
if (u !== 2)
break;
m.user = $root.runtime.v1.ContainerUser.decode(r, r.size(), $undefined, q + 1, m.user);
continue;
}
case 19: {
if (u !== 0)
break;
if (v = r.int32())
m.stopSignal = v;
else
delete m.stopSignal;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ContainerStatus;
})();

v1.ContainerStatusResponse = (function() {

const ContainerStatusResponse = function (p) {
this.info = {};
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ContainerStatusResponse.prototype.status = null;
ContainerStatusResponse.prototype.info = $util.emptyObject;

ContainerStatusResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.status != null && $Object.hasOwnProperty.call(m, "status"))
$root.runtime.v1.ContainerStatus.encode(m.status, w.uint32(10).fork(), q + 1).ldelim();
if (m.info != null && $Object.hasOwnProperty.call(m, "info")) {
for (var ks = $Object.keys(m.info), i = 0; i < ks.length; ++i) {
w.uint32(18).fork().uint32(10).string(ks[i]).uint32(18).string(m.info[ks[i]]).ldelim();
}
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ContainerStatusResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, k, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.ContainerStatusResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
m.status = $root.runtime.v1.ContainerStatus.decode(r, r.size(), $undefined, q + 1, m.status);
continue;
}
case 2: {
if (u !== 2)
break;
if (m.info === $util.emptyObject)
m.info = {};
var c2 = r.size() + r.pos;
if (c2 > r.len)
throw $RangeError("index out of range");
r.len = c2;
k = "";
v = "";
while (r.pos < c2) {
var t2 = r.tag();
u = t2 & 7;
switch (t2 >>>= 3) {
case 1:
if (u !== 2)
break;
k = r.stringVerify();
continue;
case 2:
if (u !== 2)
break;
v = r.stringVerify();
continue;
}
r.skipType(u, q, t2);
}
if (r.pos !== c2)
throw $RangeError("index out of range");
r.len = c;
if (k === "__proto__")
$util.makeProp(m.info, k);
m.info[k] = v;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ContainerStatusResponse;
})();

v1.ContainerResources = (function() {

const ContainerResources = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ContainerResources.prototype.linux = null;
ContainerResources.prototype.windows = null;

ContainerResources.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.linux != null && $Object.hasOwnProperty.call(m, "linux"))
$root.runtime.v1.LinuxContainerResources.encode(m.linux, w.uint32(10).fork(), q + 1).ldelim();
if (m.windows != null && $Object.hasOwnProperty.call(m, "windows"))
$root.runtime.v1.WindowsContainerResources.encode(m.windows, w.uint32(18).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ContainerResources.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.ContainerResources();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
m.linux = $root.runtime.v1.LinuxContainerResources.decode(r, r.size(), $undefined, q + 1, m.linux);
continue;
}
case 2: {
if (u !== 2)
break;
m.windows = $root.runtime.v1.WindowsContainerResources.decode(r, r.size(), $undefined, q + 1, m.windows);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ContainerResources;
})();

v1.ContainerUser = (function() {

const ContainerUser = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ContainerUser.prototype.linux = null;

ContainerUser.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.linux != null && $Object.hasOwnProperty.call(m, "linux"))
$root.runtime.v1.LinuxContainerUser.encode(m.linux, w.uint32(10).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ContainerUser.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.ContainerUser();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
m.linux = $root.runtime.v1.LinuxContainerUser.decode(r, r.size(), $undefined, q + 1, m.linux);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ContainerUser;
})();

v1.UpdateContainerResourcesRequest = (function() {

const UpdateContainerResourcesRequest = function (p) {
this.annotations = {};
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

UpdateContainerResourcesRequest.prototype.containerId = "";
UpdateContainerResourcesRequest.prototype.linux = null;
UpdateContainerResourcesRequest.prototype.windows = null;
UpdateContainerResourcesRequest.prototype.annotations = $util.emptyObject;

UpdateContainerResourcesRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.containerId != null && $Object.hasOwnProperty.call(m, "containerId") && m.containerId !== "")
w.uint32(10).string(m.containerId);
if (m.linux != null && $Object.hasOwnProperty.call(m, "linux"))
$root.runtime.v1.LinuxContainerResources.encode(m.linux, w.uint32(18).fork(), q + 1).ldelim();
if (m.windows != null && $Object.hasOwnProperty.call(m, "windows"))
$root.runtime.v1.WindowsContainerResources.encode(m.windows, w.uint32(26).fork(), q + 1).ldelim();
if (m.annotations != null && $Object.hasOwnProperty.call(m, "annotations")) {
for (var ks = $Object.keys(m.annotations), i = 0; i < ks.length; ++i) {
w.uint32(34).fork().uint32(10).string(ks[i]).uint32(18).string(m.annotations[ks[i]]).ldelim();
}
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

UpdateContainerResourcesRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, k, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.UpdateContainerResourcesRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.containerId = v;
else
delete m.containerId;
continue;
}
case 2: {
if (u !== 2)
break;
m.linux = $root.runtime.v1.LinuxContainerResources.decode(r, r.size(), $undefined, q + 1, m.linux);
continue;
}
case 3: {
if (u !== 2)
break;
m.windows = $root.runtime.v1.WindowsContainerResources.decode(r, r.size(), $undefined, q + 1, m.windows);
continue;
}
case 4: {
if (u !== 2)
break;
if (m.annotations === $util.emptyObject)
m.annotations = {};
var c2 = r.size() + r.pos;
if (c2 > r.len)
throw $RangeError("index out of range");
r.len = c2;
k = "";
v = "";
while (r.pos < c2) {
var t2 = r.tag();
u = t2 & 7;
switch (t2 >>>= 3) {
case 1:
if (u !== 2)
break;
k = r.stringVerify();
continue;
case 2:
if (u !== 2)
break;
v = r.stringVerify();
continue;
}
r.skipType(u, q, t2);
}
if (r.pos !== c2)
throw $RangeError("index out of range");
r.len = c;
if (k === "__proto__")
$util.makeProp(m.annotations, k);
m.annotations[k] = v;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return UpdateContainerResourcesRequest;
})();

v1.UpdateContainerResourcesResponse = (function() {

const UpdateContainerResourcesResponse = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

UpdateContainerResourcesResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

UpdateContainerResourcesResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.UpdateContainerResourcesResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
r.skipType(t & 7, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return UpdateContainerResourcesResponse;
})();

v1.ExecSyncRequest = (function() {

const ExecSyncRequest = function (p) {
this.cmd = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ExecSyncRequest.prototype.containerId = "";
ExecSyncRequest.prototype.cmd = $util.emptyArray;
ExecSyncRequest.prototype.timeout = $util.Long ? $util.Long.fromBits(0,0,false) : 0;

ExecSyncRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.containerId != null && $Object.hasOwnProperty.call(m, "containerId") && m.containerId !== "")
w.uint32(10).string(m.containerId);
if (m.cmd != null && m.cmd.length) {
for (var i = 0; i < m.cmd.length; ++i)
w.uint32(18).string(m.cmd[i]);
}
if (m.timeout != null && $Object.hasOwnProperty.call(m, "timeout") && (typeof m.timeout === "object" ? m.timeout.low || m.timeout.high : m.timeout !== 0))
w.uint32(24).int64(m.timeout);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ExecSyncRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.ExecSyncRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.containerId = v;
else
delete m.containerId;
continue;
}
case 2: {
if (u !== 2)
break;
if (!(m.cmd && m.cmd.length))
m.cmd = [];
m.cmd.push(r.stringVerify());
continue;
}
case 3: {
if (u !== 0)
break;
if (typeof (v = r.int64()) === "object" ? v.low || v.high : v !== 0)
m.timeout = v;
else
delete m.timeout;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ExecSyncRequest;
})();

v1.ExecSyncResponse = (function() {

const ExecSyncResponse = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ExecSyncResponse.prototype.stdout = $util.newBuffer([]);
ExecSyncResponse.prototype.stderr = $util.newBuffer([]);
ExecSyncResponse.prototype.exitCode = 0;

ExecSyncResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.stdout != null && $Object.hasOwnProperty.call(m, "stdout") && m.stdout.length)
w.uint32(10).bytes(m.stdout);
if (m.stderr != null && $Object.hasOwnProperty.call(m, "stderr") && m.stderr.length)
w.uint32(18).bytes(m.stderr);
if (m.exitCode != null && $Object.hasOwnProperty.call(m, "exitCode") && m.exitCode !== 0)
w.uint32(24).int32(m.exitCode);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ExecSyncResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.ExecSyncResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.bytes()).length)
m.stdout = v;
else
delete m.stdout;
continue;
}
case 2: {
if (u !== 2)
break;
if ((v = r.bytes()).length)
m.stderr = v;
else
delete m.stderr;
continue;
}
case 3: {
if (u !== 0)
break;
if (v = r.int32())
m.exitCode = v;
else
delete m.exitCode;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ExecSyncResponse;
})();

v1.ExecRequest = (function() {

const ExecRequest = function (p) {
this.cmd = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ExecRequest.prototype.containerId = "";
ExecRequest.prototype.cmd = $util.emptyArray;
ExecRequest.prototype.tty = false;
ExecRequest.prototype.stdin = false;
ExecRequest.prototype.stdout = false;
ExecRequest.prototype.stderr = false;

ExecRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.containerId != null && $Object.hasOwnProperty.call(m, "containerId") && m.containerId !== "")
w.uint32(10).string(m.containerId);
if (m.cmd != null && m.cmd.length) {
for (var i = 0; i < m.cmd.length; ++i)
w.uint32(18).string(m.cmd[i]);
}
if (m.tty != null && $Object.hasOwnProperty.call(m, "tty") && m.tty !== false)
w.uint32(24).bool(m.tty);
if (m.stdin != null && $Object.hasOwnProperty.call(m, "stdin") && m.stdin !== false)
w.uint32(32).bool(m.stdin);
if (m.stdout != null && $Object.hasOwnProperty.call(m, "stdout") && m.stdout !== false)
w.uint32(40).bool(m.stdout);
if (m.stderr != null && $Object.hasOwnProperty.call(m, "stderr") && m.stderr !== false)
w.uint32(48).bool(m.stderr);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ExecRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.ExecRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.containerId = v;
else
delete m.containerId;
continue;
}
case 2: {
if (u !== 2)
break;
if (!(m.cmd && m.cmd.length))
m.cmd = [];
m.cmd.push(r.stringVerify());
continue;
}
case 3: {
if (u !== 0)
break;
if (v = r.bool())
m.tty = v;
else
delete m.tty;
continue;
}
case 4: {
if (u !== 0)
break;
if (v = r.bool())
m.stdin = v;
else
delete m.stdin;
continue;
}
case 5: {
if (u !== 0)
break;
if (v = r.bool())
m.stdout = v;
else
delete m.stdout;
continue;
}
case 6: {
if (u !== 0)
break;
if (v = r.bool())
m.stderr = v;
else
delete m.stderr;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ExecRequest;
})();

v1.ExecResponse = (function() {

const ExecResponse = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ExecResponse.prototype.url = "";

ExecResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.url != null && $Object.hasOwnProperty.call(m, "url") && m.url !== "")
w.uint32(10).string(m.url);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ExecResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.ExecResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.url = v;
else
delete m.url;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ExecResponse;
})();

v1.AttachRequest = (function() {

const AttachRequest = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

AttachRequest.prototype.containerId = "";
AttachRequest.prototype.stdin = false;
AttachRequest.prototype.tty = false;
AttachRequest.prototype.stdout = false;
AttachRequest.prototype.stderr = false;

AttachRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.containerId != null && $Object.hasOwnProperty.call(m, "containerId") && m.containerId !== "")
w.uint32(10).string(m.containerId);
if (m.stdin != null && $Object.hasOwnProperty.call(m, "stdin") && m.stdin !== false)
w.uint32(16).bool(m.stdin);
if (m.tty != null && $Object.hasOwnProperty.call(m, "tty") && m.tty !== false)
w.uint32(24).bool(m.tty);
if (m.stdout != null && $Object.hasOwnProperty.call(m, "stdout") && m.stdout !== false)
w.uint32(32).bool(m.stdout);
if (m.stderr != null && $Object.hasOwnProperty.call(m, "stderr") && m.stderr !== false)
w.uint32(40).bool(m.stderr);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

AttachRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.AttachRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.containerId = v;
else
delete m.containerId;
continue;
}
case 2: {
if (u !== 0)
break;
if (v = r.bool())
m.stdin = v;
else
delete m.stdin;
continue;
}
case 3: {
if (u !== 0)
break;
if (v = r.bool())
m.tty = v;
else
delete m.tty;
continue;
}
case 4: {
if (u !== 0)
break;
if (v = r.bool())
m.stdout = v;
else
delete m.stdout;
continue;
}
case 5: {
if (u !== 0)
break;
if (v = r.bool())
m.stderr = v;
else
delete m.stderr;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return AttachRequest;
})();

v1.AttachResponse = (function() {

const AttachResponse = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

AttachResponse.prototype.url = "";

AttachResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.url != null && $Object.hasOwnProperty.call(m, "url") && m.url !== "")
w.uint32(10).string(m.url);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

AttachResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.AttachResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.url = v;
else
delete m.url;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return AttachResponse;
})();

v1.PortForwardRequest = (function() {

const PortForwardRequest = function (p) {
this.port = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

PortForwardRequest.prototype.podSandboxId = "";
PortForwardRequest.prototype.port = $util.emptyArray;

PortForwardRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.podSandboxId != null && $Object.hasOwnProperty.call(m, "podSandboxId") && m.podSandboxId !== "")
w.uint32(10).string(m.podSandboxId);
if (m.port != null && m.port.length) {
w.uint32(18).int32s(m.port);
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

PortForwardRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.PortForwardRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.podSandboxId = v;
else
delete m.podSandboxId;
continue;
}
case 2: {
if (u === 2) {
if (!(m.port && m.port.length))
m.port = [];
r.int32s(m.port);
continue;
}
if (u !== 0)
break;
if (!(m.port && m.port.length))
m.port = [];
m.port.push(r.int32());
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return PortForwardRequest;
})();

v1.PortForwardResponse = (function() {

const PortForwardResponse = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

PortForwardResponse.prototype.url = "";

PortForwardResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.url != null && $Object.hasOwnProperty.call(m, "url") && m.url !== "")
w.uint32(10).string(m.url);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

PortForwardResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.PortForwardResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.url = v;
else
delete m.url;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return PortForwardResponse;
})();

v1.ImageFilter = (function() {

const ImageFilter = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ImageFilter.prototype.image = null;

ImageFilter.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.image != null && $Object.hasOwnProperty.call(m, "image"))
$root.runtime.v1.ImageSpec.encode(m.image, w.uint32(10).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ImageFilter.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.ImageFilter();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
m.image = $root.runtime.v1.ImageSpec.decode(r, r.size(), $undefined, q + 1, m.image);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ImageFilter;
})();

v1.ListImagesRequest = (function() {

const ListImagesRequest = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ListImagesRequest.prototype.filter = null;

ListImagesRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.filter != null && $Object.hasOwnProperty.call(m, "filter"))
$root.runtime.v1.ImageFilter.encode(m.filter, w.uint32(10).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ListImagesRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.ListImagesRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
m.filter = $root.runtime.v1.ImageFilter.decode(r, r.size(), $undefined, q + 1, m.filter);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ListImagesRequest;
})();

v1.Image = (function() {

const Image = function (p) {
this.repoTags = [];
this.repoDigests = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

Image.prototype.id = "";
Image.prototype.repoTags = $util.emptyArray;
Image.prototype.repoDigests = $util.emptyArray;
Image.prototype.size = $util.Long ? $util.Long.fromBits(0,0,true) : 0;
Image.prototype.uid = null;
Image.prototype.username = "";
Image.prototype.spec = null;
Image.prototype.pinned = false;

Image.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.id != null && $Object.hasOwnProperty.call(m, "id") && m.id !== "")
w.uint32(10).string(m.id);
if (m.repoTags != null && m.repoTags.length) {
for (var i = 0; i < m.repoTags.length; ++i)
w.uint32(18).string(m.repoTags[i]);
}
if (m.repoDigests != null && m.repoDigests.length) {
for (var i = 0; i < m.repoDigests.length; ++i)
w.uint32(26).string(m.repoDigests[i]);
}
if (m.size != null && $Object.hasOwnProperty.call(m, "size") && (typeof m.size === "object" ? m.size.low || m.size.high : m.size !== 0))
w.uint32(32).uint64(m.size);
if (m.uid != null && $Object.hasOwnProperty.call(m, "uid"))
$root.runtime.v1.Int64Value.encode(m.uid, w.uint32(42).fork(), q + 1).ldelim();
if (m.username != null && $Object.hasOwnProperty.call(m, "username") && m.username !== "")
w.uint32(50).string(m.username);
if (m.spec != null && $Object.hasOwnProperty.call(m, "spec"))
$root.runtime.v1.ImageSpec.encode(m.spec, w.uint32(58).fork(), q + 1).ldelim();
if (m.pinned != null && $Object.hasOwnProperty.call(m, "pinned") && m.pinned !== false)
w.uint32(64).bool(m.pinned);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

Image.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.Image();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.id = v;
else
delete m.id;
continue;
}
case 2: {
if (u !== 2)
break;
if (!(m.repoTags && m.repoTags.length))
m.repoTags = [];
m.repoTags.push(r.stringVerify());
continue;
}
case 3: {
if (u !== 2)
break;
if (!(m.repoDigests && m.repoDigests.length))
m.repoDigests = [];
m.repoDigests.push(r.stringVerify());
continue;
}
case 4: {
if (u !== 0)
break;
if (typeof (v = r.uint64()) === "object" ? v.low || v.high : v !== 0)
m.size = v;
else
delete m.size;
continue;
}
case 5: {
if (u !== 2)
break;
m.uid = $root.runtime.v1.Int64Value.decode(r, r.size(), $undefined, q + 1, m.uid);
continue;
}
case 6: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.username = v;
else
delete m.username;
continue;
}
case 7: {
if (u !== 2)
break;
m.spec = $root.runtime.v1.ImageSpec.decode(r, r.size(), $undefined, q + 1, m.spec);
continue;
}
case 8: {
if (u !== 0)
break;
if (v = r.bool())
m.pinned = v;
else
delete m.pinned;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return Image;
})();

v1.ListImagesResponse = (function() {

const ListImagesResponse = function (p) {
this.images = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ListImagesResponse.prototype.images = $util.emptyArray;

ListImagesResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.images != null && m.images.length) {
for (var i = 0; i < m.images.length; ++i)
$root.runtime.v1.Image.encode(m.images[i], w.uint32(10).fork(), q + 1).ldelim();
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ListImagesResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.ListImagesResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if (!(m.images && m.images.length))
m.images = [];
m.images.push($root.runtime.v1.Image.decode(r, r.size(), $undefined, q + 1));
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ListImagesResponse;
})();

v1.StreamImagesRequest = (function() {

const StreamImagesRequest = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

StreamImagesRequest.prototype.filter = null;

StreamImagesRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.filter != null && $Object.hasOwnProperty.call(m, "filter"))
$root.runtime.v1.ImageFilter.encode(m.filter, w.uint32(10).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

StreamImagesRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.StreamImagesRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
m.filter = $root.runtime.v1.ImageFilter.decode(r, r.size(), $undefined, q + 1, m.filter);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return StreamImagesRequest;
})();

v1.StreamImagesResponse = (function() {

const StreamImagesResponse = function (p) {
this.images = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

StreamImagesResponse.prototype.images = $util.emptyArray;

StreamImagesResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.images != null && m.images.length) {
for (var i = 0; i < m.images.length; ++i)
$root.runtime.v1.Image.encode(m.images[i], w.uint32(10).fork(), q + 1).ldelim();
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

StreamImagesResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.StreamImagesResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if (!(m.images && m.images.length))
m.images = [];
m.images.push($root.runtime.v1.Image.decode(r, r.size(), $undefined, q + 1));
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return StreamImagesResponse;
})();

v1.ImageStatusRequest = (function() {

const ImageStatusRequest = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ImageStatusRequest.prototype.image = null;
ImageStatusRequest.prototype.verbose = false;

ImageStatusRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.image != null && $Object.hasOwnProperty.call(m, "image"))
$root.runtime.v1.ImageSpec.encode(m.image, w.uint32(10).fork(), q + 1).ldelim();
if (m.verbose != null && $Object.hasOwnProperty.call(m, "verbose") && m.verbose !== false)
w.uint32(16).bool(m.verbose);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ImageStatusRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.ImageStatusRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
m.image = $root.runtime.v1.ImageSpec.decode(r, r.size(), $undefined, q + 1, m.image);
continue;
}
case 2: {
if (u !== 0)
break;
if (v = r.bool())
m.verbose = v;
else
delete m.verbose;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ImageStatusRequest;
})();

v1.ImageStatusResponse = (function() {

const ImageStatusResponse = function (p) {
this.info = {};
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ImageStatusResponse.prototype.image = null;
ImageStatusResponse.prototype.info = $util.emptyObject;

ImageStatusResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.image != null && $Object.hasOwnProperty.call(m, "image"))
$root.runtime.v1.Image.encode(m.image, w.uint32(10).fork(), q + 1).ldelim();
if (m.info != null && $Object.hasOwnProperty.call(m, "info")) {
for (var ks = $Object.keys(m.info), i = 0; i < ks.length; ++i) {
w.uint32(18).fork().uint32(10).string(ks[i]).uint32(18).string(m.info[ks[i]]).ldelim();
}
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ImageStatusResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, k, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.ImageStatusResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
m.image = $root.runtime.v1.Image.decode(r, r.size(), $undefined, q + 1, m.image);
continue;
}
case 2: {
if (u !== 2)
break;
if (m.info === $util.emptyObject)
m.info = {};
var c2 = r.size() + r.pos;
if (c2 > r.len)
throw $RangeError("index out of range");
r.len = c2;
k = "";
v = "";
while (r.pos < c2) {
var t2 = r.tag();
u = t2 & 7;
switch (t2 >>>= 3) {
case 1:
if (u !== 2)
break;
k = r.stringVerify();
continue;
case 2:
if (u !== 2)
break;
v = r.stringVerify();
continue;
}
r.skipType(u, q, t2);
}
if (r.pos !== c2)
throw $RangeError("index out of range");
r.len = c;
if (k === "__proto__")
$util.makeProp(m.info, k);
m.info[k] = v;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ImageStatusResponse;
})();

v1.AuthConfig = (function() {

const AuthConfig = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

AuthConfig.prototype.username = "";
AuthConfig.prototype.password = "";
AuthConfig.prototype.auth = "";
AuthConfig.prototype.serverAddress = "";
AuthConfig.prototype.identityToken = "";
AuthConfig.prototype.registryToken = "";

AuthConfig.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.username != null && $Object.hasOwnProperty.call(m, "username") && m.username !== "")
w.uint32(10).string(m.username);
if (m.password != null && $Object.hasOwnProperty.call(m, "password") && m.password !== "")
w.uint32(18).string(m.password);
if (m.auth != null && $Object.hasOwnProperty.call(m, "auth") && m.auth !== "")
w.uint32(26).string(m.auth);
if (m.serverAddress != null && $Object.hasOwnProperty.call(m, "serverAddress") && m.serverAddress !== "")
w.uint32(34).string(m.serverAddress);
if (m.identityToken != null && $Object.hasOwnProperty.call(m, "identityToken") && m.identityToken !== "")
w.uint32(42).string(m.identityToken);
if (m.registryToken != null && $Object.hasOwnProperty.call(m, "registryToken") && m.registryToken !== "")
w.uint32(50).string(m.registryToken);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

AuthConfig.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.AuthConfig();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.username = v;
else
delete m.username;
continue;
}
case 2: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.password = v;
else
delete m.password;
continue;
}
case 3: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.auth = v;
else
delete m.auth;
continue;
}
case 4: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.serverAddress = v;
else
delete m.serverAddress;
continue;
}
case 5: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.identityToken = v;
else
delete m.identityToken;
continue;
}
case 6: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.registryToken = v;
else
delete m.registryToken;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return AuthConfig;
})();

v1.PullImageRequest = (function() {

const PullImageRequest = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

PullImageRequest.prototype.image = null;
PullImageRequest.prototype.auth = null;
PullImageRequest.prototype.sandboxConfig = null;

PullImageRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.image != null && $Object.hasOwnProperty.call(m, "image"))
$root.runtime.v1.ImageSpec.encode(m.image, w.uint32(10).fork(), q + 1).ldelim();
if (m.auth != null && $Object.hasOwnProperty.call(m, "auth"))
$root.runtime.v1.AuthConfig.encode(m.auth, w.uint32(18).fork(), q + 1).ldelim();
if (m.sandboxConfig != null && $Object.hasOwnProperty.call(m, "sandboxConfig"))
$root.runtime.v1.PodSandboxConfig.encode(m.sandboxConfig, w.uint32(26).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

PullImageRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.PullImageRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
m.image = $root.runtime.v1.ImageSpec.decode(r, r.size(), $undefined, q + 1, m.image);
continue;
}
case 2: {
if (u !== 2)
break;
m.auth = $root.runtime.v1.AuthConfig.decode(r, r.size(), $undefined, q + 1, m.auth);
continue;
}
case 3: {
if (u !== 2)
break;
m.sandboxConfig = $root.runtime.v1.PodSandboxConfig.decode(r, r.size(), $undefined, q + 1, m.sandboxConfig);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return PullImageRequest;
})();

v1.PullImageResponse = (function() {

const PullImageResponse = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

PullImageResponse.prototype.imageRef = "";

PullImageResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.imageRef != null && $Object.hasOwnProperty.call(m, "imageRef") && m.imageRef !== "")
w.uint32(10).string(m.imageRef);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

PullImageResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.PullImageResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.imageRef = v;
else
delete m.imageRef;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return PullImageResponse;
})();

v1.RemoveImageRequest = (function() {

const RemoveImageRequest = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

RemoveImageRequest.prototype.image = null;

RemoveImageRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.image != null && $Object.hasOwnProperty.call(m, "image"))
$root.runtime.v1.ImageSpec.encode(m.image, w.uint32(10).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

RemoveImageRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.RemoveImageRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
m.image = $root.runtime.v1.ImageSpec.decode(r, r.size(), $undefined, q + 1, m.image);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return RemoveImageRequest;
})();

v1.RemoveImageResponse = (function() {

const RemoveImageResponse = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

RemoveImageResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

RemoveImageResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.RemoveImageResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
r.skipType(t & 7, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return RemoveImageResponse;
})();

v1.NetworkConfig = (function() {

const NetworkConfig = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

NetworkConfig.prototype.podCidr = "";

NetworkConfig.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.podCidr != null && $Object.hasOwnProperty.call(m, "podCidr") && m.podCidr !== "")
w.uint32(10).string(m.podCidr);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

NetworkConfig.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.NetworkConfig();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.podCidr = v;
else
delete m.podCidr;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return NetworkConfig;
})();

v1.RuntimeConfig = (function() {

const RuntimeConfig = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

RuntimeConfig.prototype.networkConfig = null;

RuntimeConfig.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.networkConfig != null && $Object.hasOwnProperty.call(m, "networkConfig"))
$root.runtime.v1.NetworkConfig.encode(m.networkConfig, w.uint32(10).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

RuntimeConfig.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.RuntimeConfig();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
m.networkConfig = $root.runtime.v1.NetworkConfig.decode(r, r.size(), $undefined, q + 1, m.networkConfig);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return RuntimeConfig;
})();

v1.UpdateRuntimeConfigRequest = (function() {

const UpdateRuntimeConfigRequest = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

UpdateRuntimeConfigRequest.prototype.runtimeConfig = null;

UpdateRuntimeConfigRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.runtimeConfig != null && $Object.hasOwnProperty.call(m, "runtimeConfig"))
$root.runtime.v1.RuntimeConfig.encode(m.runtimeConfig, w.uint32(10).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

UpdateRuntimeConfigRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.UpdateRuntimeConfigRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
m.runtimeConfig = $root.runtime.v1.RuntimeConfig.decode(r, r.size(), $undefined, q + 1, m.runtimeConfig);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return UpdateRuntimeConfigRequest;
})();

v1.UpdateRuntimeConfigResponse = (function() {

const UpdateRuntimeConfigResponse = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

UpdateRuntimeConfigResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

UpdateRuntimeConfigResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.UpdateRuntimeConfigResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
r.skipType(t & 7, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return UpdateRuntimeConfigResponse;
})();

v1.RuntimeCondition = (function() {

const RuntimeCondition = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

RuntimeCondition.prototype.type = "";
RuntimeCondition.prototype.status = false;
RuntimeCondition.prototype.reason = "";
RuntimeCondition.prototype.message = "";

RuntimeCondition.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.type != null && $Object.hasOwnProperty.call(m, "type") && m.type !== "")
w.uint32(10).string(m.type);
if (m.status != null && $Object.hasOwnProperty.call(m, "status") && m.status !== false)
w.uint32(16).bool(m.status);
if (m.reason != null && $Object.hasOwnProperty.call(m, "reason") && m.reason !== "")
w.uint32(26).string(m.reason);
if (m.message != null && $Object.hasOwnProperty.call(m, "message") && m.message !== "")
w.uint32(34).string(m.message);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

RuntimeCondition.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.RuntimeCondition();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.type = v;
else
delete m.type;
continue;
}
case 2: {
if (u !== 0)
break;
if (v = r.bool())
m.status = v;
else
delete m.status;
continue;
}
case 3: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.reason = v;
else
delete m.reason;
continue;
}
case 4: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.message = v;
else
delete m.message;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return RuntimeCondition;
})();

v1.RuntimeStatus = (function() {

const RuntimeStatus = function (p) {
this.conditions = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

RuntimeStatus.prototype.conditions = $util.emptyArray;

RuntimeStatus.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.conditions != null && m.conditions.length) {
for (var i = 0; i < m.conditions.length; ++i)
$root.runtime.v1.RuntimeCondition.encode(m.conditions[i], w.uint32(10).fork(), q + 1).ldelim();
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

RuntimeStatus.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.RuntimeStatus();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if (!(m.conditions && m.conditions.length))
m.conditions = [];
m.conditions.push($root.runtime.v1.RuntimeCondition.decode(r, r.size(), $undefined, q + 1));
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return RuntimeStatus;
})();

v1.StatusRequest = (function() {

const StatusRequest = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

StatusRequest.prototype.verbose = false;

StatusRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.verbose != null && $Object.hasOwnProperty.call(m, "verbose") && m.verbose !== false)
w.uint32(8).bool(m.verbose);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

StatusRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.StatusRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 0)
break;
if (v = r.bool())
m.verbose = v;
else
delete m.verbose;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return StatusRequest;
})();

v1.RuntimeHandlerFeatures = (function() {

const RuntimeHandlerFeatures = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

RuntimeHandlerFeatures.prototype.recursiveReadOnlyMounts = false;
RuntimeHandlerFeatures.prototype.userNamespaces = false;

RuntimeHandlerFeatures.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.recursiveReadOnlyMounts != null && $Object.hasOwnProperty.call(m, "recursiveReadOnlyMounts") && m.recursiveReadOnlyMounts !== false)
w.uint32(8).bool(m.recursiveReadOnlyMounts);
if (m.userNamespaces != null && $Object.hasOwnProperty.call(m, "userNamespaces") && m.userNamespaces !== false)
w.uint32(16).bool(m.userNamespaces);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

RuntimeHandlerFeatures.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.RuntimeHandlerFeatures();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 0)
break;
if (v = r.bool())
m.recursiveReadOnlyMounts = v;
else
delete m.recursiveReadOnlyMounts;
continue;
}
case 2: {
if (u !== 0)
break;
if (v = r.bool())
m.userNamespaces = v;
else
delete m.userNamespaces;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return RuntimeHandlerFeatures;
})();

v1.RuntimeHandler = (function() {

const RuntimeHandler = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

RuntimeHandler.prototype.name = "";
RuntimeHandler.prototype.features = null;

RuntimeHandler.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.name != null && $Object.hasOwnProperty.call(m, "name") && m.name !== "")
w.uint32(10).string(m.name);
if (m.features != null && $Object.hasOwnProperty.call(m, "features"))
$root.runtime.v1.RuntimeHandlerFeatures.encode(m.features, w.uint32(18).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

RuntimeHandler.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.RuntimeHandler();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.name = v;
else
delete m.name;
continue;
}
case 2: {
if (u !== 2)
break;
m.features = $root.runtime.v1.RuntimeHandlerFeatures.decode(r, r.size(), $undefined, q + 1, m.features);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return RuntimeHandler;
})();

v1.RuntimeFeatures = (function() {

const RuntimeFeatures = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

RuntimeFeatures.prototype.supplementalGroupsPolicy = false;
RuntimeFeatures.prototype.userNamespacesHostNetwork = false;
RuntimeFeatures.prototype.mountOptions = false;

RuntimeFeatures.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.supplementalGroupsPolicy != null && $Object.hasOwnProperty.call(m, "supplementalGroupsPolicy") && m.supplementalGroupsPolicy !== false)
w.uint32(8).bool(m.supplementalGroupsPolicy);
if (m.userNamespacesHostNetwork != null && $Object.hasOwnProperty.call(m, "userNamespacesHostNetwork") && m.userNamespacesHostNetwork !== false)
w.uint32(16).bool(m.userNamespacesHostNetwork);
if (m.mountOptions != null && $Object.hasOwnProperty.call(m, "mountOptions") && m.mountOptions !== false)
w.uint32(24).bool(m.mountOptions);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

RuntimeFeatures.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.RuntimeFeatures();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 0)
break;
if (v = r.bool())
m.supplementalGroupsPolicy = v;
else
delete m.supplementalGroupsPolicy;
continue;
}
case 2: {
if (u !== 0)
break;
if (v = r.bool())
m.userNamespacesHostNetwork = v;
else
delete m.userNamespacesHostNetwork;
continue;
}
case 3: {
if (u !== 0)
break;
if (v = r.bool())
m.mountOptions = v;
else
delete m.mountOptions;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return RuntimeFeatures;
})();

v1.StatusResponse = (function() {

const StatusResponse = function (p) {
this.info = {};
this.runtimeHandlers = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

StatusResponse.prototype.status = null;
StatusResponse.prototype.info = $util.emptyObject;
StatusResponse.prototype.runtimeHandlers = $util.emptyArray;
StatusResponse.prototype.features = null;

StatusResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.status != null && $Object.hasOwnProperty.call(m, "status"))
$root.runtime.v1.RuntimeStatus.encode(m.status, w.uint32(10).fork(), q + 1).ldelim();
if (m.info != null && $Object.hasOwnProperty.call(m, "info")) {
for (var ks = $Object.keys(m.info), i = 0; i < ks.length; ++i) {
w.uint32(18).fork().uint32(10).string(ks[i]).uint32(18).string(m.info[ks[i]]).ldelim();
}
}
if (m.runtimeHandlers != null && m.runtimeHandlers.length) {
for (var i = 0; i < m.runtimeHandlers.length; ++i)
$root.runtime.v1.RuntimeHandler.encode(m.runtimeHandlers[i], w.uint32(26).fork(), q + 1).ldelim();
}
if (m.features != null && $Object.hasOwnProperty.call(m, "features"))
$root.runtime.v1.RuntimeFeatures.encode(m.features, w.uint32(34).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

StatusResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, k, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.StatusResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
m.status = $root.runtime.v1.RuntimeStatus.decode(r, r.size(), $undefined, q + 1, m.status);
continue;
}
case 2: {
if (u !== 2)
break;
if (m.info === $util.emptyObject)
m.info = {};
var c2 = r.size() + r.pos;
if (c2 > r.len)
throw $RangeError("index out of range");
r.len = c2;
k = "";
v = "";
while (r.pos < c2) {
var t2 = r.tag();
u = t2 & 7;
switch (t2 >>>= 3) {
case 1:
if (u !== 2)
break;
k = r.stringVerify();
continue;
case 2:
if (u !== 2)
break;
v = r.stringVerify();
continue;
}
r.skipType(u, q, t2);
}
if (r.pos !== c2)
throw $RangeError("index out of range");
r.len = c;
if (k === "__proto__")
$util.makeProp(m.info, k);
m.info[k] = v;
continue;
}
case 3: {
if (u !== 2)
break;
if (!(m.runtimeHandlers && m.runtimeHandlers.length))
m.runtimeHandlers = [];
m.runtimeHandlers.push($root.runtime.v1.RuntimeHandler.decode(r, r.size(), $undefined, q + 1));
continue;
}
case 4: {
if (u !== 2)
break;
m.features = $root.runtime.v1.RuntimeFeatures.decode(r, r.size(), $undefined, q + 1, m.features);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return StatusResponse;
})();

v1.ImageFsInfoRequest = (function() {

const ImageFsInfoRequest = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ImageFsInfoRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ImageFsInfoRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.ImageFsInfoRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
r.skipType(t & 7, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ImageFsInfoRequest;
})();

v1.UInt64Value = (function() {

const UInt64Value = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

UInt64Value.prototype.value = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

UInt64Value.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.value != null && $Object.hasOwnProperty.call(m, "value") && (typeof m.value === "object" ? m.value.low || m.value.high : m.value !== 0))
w.uint32(8).uint64(m.value);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

UInt64Value.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.UInt64Value();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 0)
break;
if (typeof (v = r.uint64()) === "object" ? v.low || v.high : v !== 0)
m.value = v;
else
delete m.value;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return UInt64Value;
})();

v1.FilesystemIdentifier = (function() {

const FilesystemIdentifier = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

FilesystemIdentifier.prototype.mountpoint = "";

FilesystemIdentifier.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.mountpoint != null && $Object.hasOwnProperty.call(m, "mountpoint") && m.mountpoint !== "")
w.uint32(10).string(m.mountpoint);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

FilesystemIdentifier.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.FilesystemIdentifier();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.mountpoint = v;
else
delete m.mountpoint;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return FilesystemIdentifier;
})();

v1.FilesystemUsage = (function() {

const FilesystemUsage = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

FilesystemUsage.prototype.timestamp = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
FilesystemUsage.prototype.fsId = null;
FilesystemUsage.prototype.usedBytes = null;
FilesystemUsage.prototype.inodesUsed = null;

FilesystemUsage.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.timestamp != null && $Object.hasOwnProperty.call(m, "timestamp") && (typeof m.timestamp === "object" ? m.timestamp.low || m.timestamp.high : m.timestamp !== 0))
w.uint32(8).int64(m.timestamp);
if (m.fsId != null && $Object.hasOwnProperty.call(m, "fsId"))
$root.runtime.v1.FilesystemIdentifier.encode(m.fsId, w.uint32(18).fork(), q + 1).ldelim();
if (m.usedBytes != null && $Object.hasOwnProperty.call(m, "usedBytes"))
$root.runtime.v1.UInt64Value.encode(m.usedBytes, w.uint32(26).fork(), q + 1).ldelim();
if (m.inodesUsed != null && $Object.hasOwnProperty.call(m, "inodesUsed"))
$root.runtime.v1.UInt64Value.encode(m.inodesUsed, w.uint32(34).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

FilesystemUsage.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.FilesystemUsage();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 0)
break;
if (typeof (v = r.int64()) === "object" ? v.low || v.high : v !== 0)
m.timestamp = v;
else
delete m.timestamp;
continue;
}
case 2: {
if (u !== 2)
break;
m.fsId = $root.runtime.v1.FilesystemIdentifier.decode(r, r.size(), $undefined, q + 1, m.fsId);
continue;
}
case 3: {
if (u !== 2)
break;
m.usedBytes = $root.runtime.v1.UInt64Value.decode(r, r.size(), $undefined, q + 1, m.usedBytes);
continue;
}
case 4: {
if (u !== 2)
break;
m.inodesUsed = $root.runtime.v1.UInt64Value.decode(r, r.size(), $undefined, q + 1, m.inodesUsed);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return FilesystemUsage;
})();

v1.WindowsFilesystemUsage = (function() {

const WindowsFilesystemUsage = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

WindowsFilesystemUsage.prototype.timestamp = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
WindowsFilesystemUsage.prototype.fsId = null;
WindowsFilesystemUsage.prototype.usedBytes = null;

WindowsFilesystemUsage.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.timestamp != null && $Object.hasOwnProperty.call(m, "timestamp") && (typeof m.timestamp === "object" ? m.timestamp.low || m.timestamp.high : m.timestamp !== 0))
w.uint32(8).int64(m.timestamp);
if (m.fsId != null && $Object.hasOwnProperty.call(m, "fsId"))
$root.runtime.v1.FilesystemIdentifier.encode(m.fsId, w.uint32(18).fork(), q + 1).ldelim();
if (m.usedBytes != null && $Object.hasOwnProperty.call(m, "usedBytes"))
$root.runtime.v1.UInt64Value.encode(m.usedBytes, w.uint32(26).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

WindowsFilesystemUsage.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.WindowsFilesystemUsage();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 0)
break;
if (typeof (v = r.int64()) === "object" ? v.low || v.high : v !== 0)
m.timestamp = v;
else
delete m.timestamp;
continue;
}
case 2: {
if (u !== 2)
break;
m.fsId = $root.runtime.v1.FilesystemIdentifier.decode(r, r.size(), $undefined, q + 1, m.fsId);
continue;
}
case 3: {
if (u !== 2)
break;
m.usedBytes = $root.runtime.v1.UInt64Value.decode(r, r.size(), $undefined, q + 1, m.usedBytes);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return WindowsFilesystemUsage;
})();

v1.ImageFsInfoResponse = (function() {

const ImageFsInfoResponse = function (p) {
this.imageFilesystems = [];
this.containerFilesystems = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ImageFsInfoResponse.prototype.imageFilesystems = $util.emptyArray;
ImageFsInfoResponse.prototype.containerFilesystems = $util.emptyArray;

ImageFsInfoResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.imageFilesystems != null && m.imageFilesystems.length) {
for (var i = 0; i < m.imageFilesystems.length; ++i)
$root.runtime.v1.FilesystemUsage.encode(m.imageFilesystems[i], w.uint32(10).fork(), q + 1).ldelim();
}
if (m.containerFilesystems != null && m.containerFilesystems.length) {
for (var i = 0; i < m.containerFilesystems.length; ++i)
$root.runtime.v1.FilesystemUsage.encode(m.containerFilesystems[i], w.uint32(18).fork(), q + 1).ldelim();
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ImageFsInfoResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.ImageFsInfoResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if (!(m.imageFilesystems && m.imageFilesystems.length))
m.imageFilesystems = [];
m.imageFilesystems.push($root.runtime.v1.FilesystemUsage.decode(r, r.size(), $undefined, q + 1));
continue;
}
case 2: {
if (u !== 2)
break;
if (!(m.containerFilesystems && m.containerFilesystems.length))
m.containerFilesystems = [];
m.containerFilesystems.push($root.runtime.v1.FilesystemUsage.decode(r, r.size(), $undefined, q + 1));
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ImageFsInfoResponse;
})();

v1.ContainerStatsRequest = (function() {

const ContainerStatsRequest = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ContainerStatsRequest.prototype.containerId = "";

ContainerStatsRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.containerId != null && $Object.hasOwnProperty.call(m, "containerId") && m.containerId !== "")
w.uint32(10).string(m.containerId);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ContainerStatsRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.ContainerStatsRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.containerId = v;
else
delete m.containerId;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ContainerStatsRequest;
})();

v1.ContainerStatsResponse = (function() {

const ContainerStatsResponse = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ContainerStatsResponse.prototype.stats = null;

ContainerStatsResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.stats != null && $Object.hasOwnProperty.call(m, "stats"))
$root.runtime.v1.ContainerStats.encode(m.stats, w.uint32(10).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ContainerStatsResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.ContainerStatsResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
m.stats = $root.runtime.v1.ContainerStats.decode(r, r.size(), $undefined, q + 1, m.stats);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ContainerStatsResponse;
})();

v1.ListContainerStatsRequest = (function() {

const ListContainerStatsRequest = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ListContainerStatsRequest.prototype.filter = null;

ListContainerStatsRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.filter != null && $Object.hasOwnProperty.call(m, "filter"))
$root.runtime.v1.ContainerStatsFilter.encode(m.filter, w.uint32(10).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ListContainerStatsRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.ListContainerStatsRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
m.filter = $root.runtime.v1.ContainerStatsFilter.decode(r, r.size(), $undefined, q + 1, m.filter);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ListContainerStatsRequest;
})();

v1.ContainerStatsFilter = (function() {

const ContainerStatsFilter = function (p) {
this.labelSelector = {};
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ContainerStatsFilter.prototype.id = "";
ContainerStatsFilter.prototype.podSandboxId = "";
ContainerStatsFilter.prototype.labelSelector = $util.emptyObject;

ContainerStatsFilter.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.id != null && $Object.hasOwnProperty.call(m, "id") && m.id !== "")
w.uint32(10).string(m.id);
if (m.podSandboxId != null && $Object.hasOwnProperty.call(m, "podSandboxId") && m.podSandboxId !== "")
w.uint32(18).string(m.podSandboxId);
if (m.labelSelector != null && $Object.hasOwnProperty.call(m, "labelSelector")) {
for (var ks = $Object.keys(m.labelSelector), i = 0; i < ks.length; ++i) {
w.uint32(26).fork().uint32(10).string(ks[i]).uint32(18).string(m.labelSelector[ks[i]]).ldelim();
}
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ContainerStatsFilter.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, k, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.ContainerStatsFilter();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.id = v;
else
delete m.id;
continue;
}
case 2: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.podSandboxId = v;
else
delete m.podSandboxId;
continue;
}
case 3: {
if (u !== 2)
break;
if (m.labelSelector === $util.emptyObject)
m.labelSelector = {};
var c2 = r.size() + r.pos;
if (c2 > r.len)
throw $RangeError("index out of range");
r.len = c2;
k = "";
v = "";
while (r.pos < c2) {
var t2 = r.tag();
u = t2 & 7;
switch (t2 >>>= 3) {
case 1:
if (u !== 2)
break;
k = r.stringVerify();
continue;
case 2:
if (u !== 2)
break;
v = r.stringVerify();
continue;
}
r.skipType(u, q, t2);
}
if (r.pos !== c2)
throw $RangeError("index out of range");
r.len = c;
if (k === "__proto__")
$util.makeProp(m.labelSelector, k);
m.labelSelector[k] = v;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ContainerStatsFilter;
})();

v1.ListContainerStatsResponse = (function() {

const ListContainerStatsResponse = function (p) {
this.stats = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ListContainerStatsResponse.prototype.stats = $util.emptyArray;

ListContainerStatsResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.stats != null && m.stats.length) {
for (var i = 0; i < m.stats.length; ++i)
$root.runtime.v1.ContainerStats.encode(m.stats[i], w.uint32(10).fork(), q + 1).ldelim();
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ListContainerStatsResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.ListContainerStatsResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if (!(m.stats && m.stats.length))
m.stats = [];
m.stats.push($root.runtime.v1.ContainerStats.decode(r, r.size(), $undefined, q + 1));
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ListContainerStatsResponse;
})();

v1.StreamContainerStatsRequest = (function() {

const StreamContainerStatsRequest = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

StreamContainerStatsRequest.prototype.filter = null;

StreamContainerStatsRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.filter != null && $Object.hasOwnProperty.call(m, "filter"))
$root.runtime.v1.ContainerStatsFilter.encode(m.filter, w.uint32(10).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

StreamContainerStatsRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.StreamContainerStatsRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
m.filter = $root.runtime.v1.ContainerStatsFilter.decode(r, r.size(), $undefined, q + 1, m.filter);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return StreamContainerStatsRequest;
})();

v1.StreamContainerStatsResponse = (function() {

const StreamContainerStatsResponse = function (p) {
this.containerStats = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

StreamContainerStatsResponse.prototype.containerStats = $util.emptyArray;

StreamContainerStatsResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.containerStats != null && m.containerStats.length) {
for (var i = 0; i < m.containerStats.length; ++i)
$root.runtime.v1.ContainerStats.encode(m.containerStats[i], w.uint32(10).fork(), q + 1).ldelim();
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

StreamContainerStatsResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.StreamContainerStatsResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if (!(m.containerStats && m.containerStats.length))
m.containerStats = [];
m.containerStats.push($root.runtime.v1.ContainerStats.decode(r, r.size(), $undefined, q + 1));
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return StreamContainerStatsResponse;
})();

v1.ContainerAttributes = (function() {

const ContainerAttributes = function (p) {
this.labels = {};
this.annotations = {};
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ContainerAttributes.prototype.id = "";
ContainerAttributes.prototype.metadata = null;
ContainerAttributes.prototype.labels = $util.emptyObject;
ContainerAttributes.prototype.annotations = $util.emptyObject;

ContainerAttributes.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.id != null && $Object.hasOwnProperty.call(m, "id") && m.id !== "")
w.uint32(10).string(m.id);
if (m.metadata != null && $Object.hasOwnProperty.call(m, "metadata"))
$root.runtime.v1.ContainerMetadata.encode(m.metadata, w.uint32(18).fork(), q + 1).ldelim();
if (m.labels != null && $Object.hasOwnProperty.call(m, "labels")) {
for (var ks = $Object.keys(m.labels), i = 0; i < ks.length; ++i) {
w.uint32(26).fork().uint32(10).string(ks[i]).uint32(18).string(m.labels[ks[i]]).ldelim();
}
}
if (m.annotations != null && $Object.hasOwnProperty.call(m, "annotations")) {
for (var ks = $Object.keys(m.annotations), i = 0; i < ks.length; ++i) {
w.uint32(34).fork().uint32(10).string(ks[i]).uint32(18).string(m.annotations[ks[i]]).ldelim();
}
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ContainerAttributes.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, k, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.ContainerAttributes();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.id = v;
else
delete m.id;
continue;
}
case 2: {
if (u !== 2)
break;
m.metadata = $root.runtime.v1.ContainerMetadata.decode(r, r.size(), $undefined, q + 1, m.metadata);
continue;
}
case 3: {
if (u !== 2)
break;
if (m.labels === $util.emptyObject)
m.labels = {};
var c2 = r.size() + r.pos;
if (c2 > r.len)
throw $RangeError("index out of range");
r.len = c2;
k = "";
v = "";
while (r.pos < c2) {
var t2 = r.tag();
u = t2 & 7;
switch (t2 >>>= 3) {
case 1:
if (u !== 2)
break;
k = r.stringVerify();
continue;
case 2:
if (u !== 2)
break;
v = r.stringVerify();
continue;
}
r.skipType(u, q, t2);
}
if (r.pos !== c2)
throw $RangeError("index out of range");
r.len = c;
if (k === "__proto__")
$util.makeProp(m.labels, k);
m.labels[k] = v;
continue;
}
case 4: {
if (u !== 2)
break;
if (m.annotations === $util.emptyObject)
m.annotations = {};
var c2 = r.size() + r.pos;
if (c2 > r.len)
throw $RangeError("index out of range");
r.len = c2;
k = "";
v = "";
while (r.pos < c2) {
var t2 = r.tag();
u = t2 & 7;
switch (t2 >>>= 3) {
case 1:
if (u !== 2)
break;
k = r.stringVerify();
continue;
case 2:
if (u !== 2)
break;
v = r.stringVerify();
continue;
}
r.skipType(u, q, t2);
}
if (r.pos !== c2)
throw $RangeError("index out of range");
r.len = c;
if (k === "__proto__")
$util.makeProp(m.annotations, k);
m.annotations[k] = v;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ContainerAttributes;
})();

v1.ContainerStats = (function() {

const ContainerStats = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ContainerStats.prototype.attributes = null;
ContainerStats.prototype.cpu = null;
ContainerStats.prototype.memory = null;
ContainerStats.prototype.writableLayer = null;
ContainerStats.prototype.swap = null;
ContainerStats.prototype.io = null;

ContainerStats.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.attributes != null && $Object.hasOwnProperty.call(m, "attributes"))
$root.runtime.v1.ContainerAttributes.encode(m.attributes, w.uint32(10).fork(), q + 1).ldelim();
if (m.cpu != null && $Object.hasOwnProperty.call(m, "cpu"))
$root.runtime.v1.CpuUsage.encode(m.cpu, w.uint32(18).fork(), q + 1).ldelim();
if (m.memory != null && $Object.hasOwnProperty.call(m, "memory"))
$root.runtime.v1.MemoryUsage.encode(m.memory, w.uint32(26).fork(), q + 1).ldelim();
if (m.writableLayer != null && $Object.hasOwnProperty.call(m, "writableLayer"))
$root.runtime.v1.FilesystemUsage.encode(m.writableLayer, w.uint32(34).fork(), q + 1).ldelim();
if (m.swap != null && $Object.hasOwnProperty.call(m, "swap"))
$root.runtime.v1.SwapUsage.encode(m.swap, w.uint32(42).fork(), q + 1).ldelim();
if (m.io != null && $Object.hasOwnProperty.call(m, "io"))
$root.runtime.v1.IoUsage.encode(m.io, w.uint32(50).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ContainerStats.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.ContainerStats();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
m.attributes = $root.runtime.v1.ContainerAttributes.decode(r, r.size(), $undefined, q + 1, m.attributes);
continue;
}
case 2: {
if (u !== 2)
break;
m.cpu = $root.runtime.v1.CpuUsage.decode(r, r.size(), $undefined, q + 1, m.cpu);
continue;
}
case 3: {
if (u !== 2)
break;
m.memory = $root.runtime.v1.MemoryUsage.decode(r, r.size(), $undefined, q + 1, m.memory);
continue;
}
case 4: {
if (u !== 2)
break;
m.writableLayer = $root.runtime.v1.FilesystemUsage.decode(r, r.size(), $undefined, q + 1, m.writableLayer);
continue;
}
case 5: {
if (u !== 2)
break;
m.swap = $root.runtime.v1.SwapUsage.decode(r, r.size(), $undefined, q + 1, m.swap);
continue;
}
case 6: {
if (u !== 2)
break;
m.io = $root.runtime.v1.IoUsage.decode(r, r.size(), $undefined, q + 1, m.io);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ContainerStats;
})();

v1.WindowsContainerStats = (function() {

const WindowsContainerStats = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

WindowsContainerStats.prototype.attributes = null;
WindowsContainerStats.prototype.cpu = null;
WindowsContainerStats.prototype.memory = null;
WindowsContainerStats.prototype.writableLayer = null;

WindowsContainerStats.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.attributes != null && $Object.hasOwnProperty.call(m, "attributes"))
$root.runtime.v1.ContainerAttributes.encode(m.attributes, w.uint32(10).fork(), q + 1).ldelim();
if (m.cpu != null && $Object.hasOwnProperty.call(m, "cpu"))
$root.runtime.v1.WindowsCpuUsage.encode(m.cpu, w.uint32(18).fork(), q + 1).ldelim();
if (m.memory != null && $Object.hasOwnProperty.call(m, "memory"))
$root.runtime.v1.WindowsMemoryUsage.encode(m.memory, w.uint32(26).fork(), q + 1).ldelim();
if (m.writableLayer != null && $Object.hasOwnProperty.call(m, "writableLayer"))
$root.runtime.v1.WindowsFilesystemUsage.encode(m.writableLayer, w.uint32(34).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

WindowsContainerStats.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.WindowsContainerStats();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
m.attributes = $root.runtime.v1.ContainerAttributes.decode(r, r.size(), $undefined, q + 1, m.attributes);
continue;
}
case 2: {
if (u !== 2)
break;
m.cpu = $root.runtime.v1.WindowsCpuUsage.decode(r, r.size(), $undefined, q + 1, m.cpu);
continue;
}
case 3: {
if (u !== 2)
break;
m.memory = $root.runtime.v1.WindowsMemoryUsage.decode(r, r.size(), $undefined, q + 1, m.memory);
continue;
}
case 4: {
if (u !== 2)
break;
m.writableLayer = $root.runtime.v1.WindowsFilesystemUsage.decode(r, r.size(), $undefined, q + 1, m.writableLayer);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return WindowsContainerStats;
})();

v1.PsiStats = (function() {

const PsiStats = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

PsiStats.prototype.Full = null;
PsiStats.prototype.Some = null;

PsiStats.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.Full != null && $Object.hasOwnProperty.call(m, "Full"))
$root.runtime.v1.PsiData.encode(m.Full, w.uint32(10).fork(), q + 1).ldelim();
if (m.Some != null && $Object.hasOwnProperty.call(m, "Some"))
$root.runtime.v1.PsiData.encode(m.Some, w.uint32(18).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

PsiStats.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.PsiStats();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
m.Full = $root.runtime.v1.PsiData.decode(r, r.size(), $undefined, q + 1, m.Full);
continue;
}
case 2: {
if (u !== 2)
break;
m.Some = $root.runtime.v1.PsiData.decode(r, r.size(), $undefined, q + 1, m.Some);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return PsiStats;
})();

v1.PsiData = (function() {

const PsiData = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

PsiData.prototype.Total = $util.Long ? $util.Long.fromBits(0,0,true) : 0;
PsiData.prototype.Avg10 = 0;
PsiData.prototype.Avg60 = 0;
PsiData.prototype.Avg300 = 0;

PsiData.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.Total != null && $Object.hasOwnProperty.call(m, "Total") && (typeof m.Total === "object" ? m.Total.low || m.Total.high : m.Total !== 0))
w.uint32(8).uint64(m.Total);
if (m.Avg10 != null && $Object.hasOwnProperty.call(m, "Avg10") && !$Object.is(m.Avg10, 0))
w.uint32(17).double(m.Avg10);
if (m.Avg60 != null && $Object.hasOwnProperty.call(m, "Avg60") && !$Object.is(m.Avg60, 0))
w.uint32(25).double(m.Avg60);
if (m.Avg300 != null && $Object.hasOwnProperty.call(m, "Avg300") && !$Object.is(m.Avg300, 0))
w.uint32(33).double(m.Avg300);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

PsiData.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.PsiData();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 0)
break;
if (typeof (v = r.uint64()) === "object" ? v.low || v.high : v !== 0)
m.Total = v;
else
delete m.Total;
continue;
}
case 2: {
if (u !== 1)
break;
if (!$Object.is(v = r.double(), 0))
m.Avg10 = v;
else
delete m.Avg10;
continue;
}
case 3: {
if (u !== 1)
break;
if (!$Object.is(v = r.double(), 0))
m.Avg60 = v;
else
delete m.Avg60;
continue;
}
case 4: {
if (u !== 1)
break;
if (!$Object.is(v = r.double(), 0))
m.Avg300 = v;
else
delete m.Avg300;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return PsiData;
})();

v1.CpuUsage = (function() {

const CpuUsage = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

CpuUsage.prototype.timestamp = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
CpuUsage.prototype.usageCoreNanoSeconds = null;
CpuUsage.prototype.usageNanoCores = null;
CpuUsage.prototype.psi = null;

CpuUsage.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.timestamp != null && $Object.hasOwnProperty.call(m, "timestamp") && (typeof m.timestamp === "object" ? m.timestamp.low || m.timestamp.high : m.timestamp !== 0))
w.uint32(8).int64(m.timestamp);
if (m.usageCoreNanoSeconds != null && $Object.hasOwnProperty.call(m, "usageCoreNanoSeconds"))
$root.runtime.v1.UInt64Value.encode(m.usageCoreNanoSeconds, w.uint32(18).fork(), q + 1).ldelim();
if (m.usageNanoCores != null && $Object.hasOwnProperty.call(m, "usageNanoCores"))
$root.runtime.v1.UInt64Value.encode(m.usageNanoCores, w.uint32(26).fork(), q + 1).ldelim();
if (m.psi != null && $Object.hasOwnProperty.call(m, "psi"))
$root.runtime.v1.PsiStats.encode(m.psi, w.uint32(34).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

CpuUsage.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.CpuUsage();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 0)
break;
if (typeof (v = r.int64()) === "object" ? v.low || v.high : v !== 0)
m.timestamp = v;
else
delete m.timestamp;
continue;
}
case 2: {
if (u !== 2)
break;
m.usageCoreNanoSeconds = $root.runtime.v1.UInt64Value.decode(r, r.size(), $undefined, q + 1, m.usageCoreNanoSeconds);
continue;
}
case 3: {
if (u !== 2)
break;
m.usageNanoCores = $root.runtime.v1.UInt64Value.decode(r, r.size(), $undefined, q + 1, m.usageNanoCores);
continue;
}
case 4: {
if (u !== 2)
break;
m.psi = $root.runtime.v1.PsiStats.decode(r, r.size(), $undefined, q + 1, m.psi);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return CpuUsage;
})();

v1.WindowsCpuUsage = (function() {

const WindowsCpuUsage = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

WindowsCpuUsage.prototype.timestamp = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
WindowsCpuUsage.prototype.usageCoreNanoSeconds = null;
WindowsCpuUsage.prototype.usageNanoCores = null;

WindowsCpuUsage.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.timestamp != null && $Object.hasOwnProperty.call(m, "timestamp") && (typeof m.timestamp === "object" ? m.timestamp.low || m.timestamp.high : m.timestamp !== 0))
w.uint32(8).int64(m.timestamp);
if (m.usageCoreNanoSeconds != null && $Object.hasOwnProperty.call(m, "usageCoreNanoSeconds"))
$root.runtime.v1.UInt64Value.encode(m.usageCoreNanoSeconds, w.uint32(18).fork(), q + 1).ldelim();
if (m.usageNanoCores != null && $Object.hasOwnProperty.call(m, "usageNanoCores"))
$root.runtime.v1.UInt64Value.encode(m.usageNanoCores, w.uint32(26).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

WindowsCpuUsage.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.WindowsCpuUsage();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 0)
break;
if (typeof (v = r.int64()) === "object" ? v.low || v.high : v !== 0)
m.timestamp = v;
else
delete m.timestamp;
continue;
}
case 2: {
if (u !== 2)
break;
m.usageCoreNanoSeconds = $root.runtime.v1.UInt64Value.decode(r, r.size(), $undefined, q + 1, m.usageCoreNanoSeconds);
continue;
}
case 3: {
if (u !== 2)
break;
m.usageNanoCores = $root.runtime.v1.UInt64Value.decode(r, r.size(), $undefined, q + 1, m.usageNanoCores);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return WindowsCpuUsage;
})();

v1.MemoryUsage = (function() {

const MemoryUsage = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

MemoryUsage.prototype.timestamp = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
MemoryUsage.prototype.workingSetBytes = null;
MemoryUsage.prototype.availableBytes = null;
MemoryUsage.prototype.usageBytes = null;
MemoryUsage.prototype.rssBytes = null;
MemoryUsage.prototype.pageFaults = null;
MemoryUsage.prototype.majorPageFaults = null;
MemoryUsage.prototype.psi = null;

MemoryUsage.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.timestamp != null && $Object.hasOwnProperty.call(m, "timestamp") && (typeof m.timestamp === "object" ? m.timestamp.low || m.timestamp.high : m.timestamp !== 0))
w.uint32(8).int64(m.timestamp);
if (m.workingSetBytes != null && $Object.hasOwnProperty.call(m, "workingSetBytes"))
$root.runtime.v1.UInt64Value.encode(m.workingSetBytes, w.uint32(18).fork(), q + 1).ldelim();
if (m.availableBytes != null && $Object.hasOwnProperty.call(m, "availableBytes"))
$root.runtime.v1.UInt64Value.encode(m.availableBytes, w.uint32(26).fork(), q + 1).ldelim();
if (m.usageBytes != null && $Object.hasOwnProperty.call(m, "usageBytes"))
$root.runtime.v1.UInt64Value.encode(m.usageBytes, w.uint32(34).fork(), q + 1).ldelim();
if (m.rssBytes != null && $Object.hasOwnProperty.call(m, "rssBytes"))
$root.runtime.v1.UInt64Value.encode(m.rssBytes, w.uint32(42).fork(), q + 1).ldelim();
if (m.pageFaults != null && $Object.hasOwnProperty.call(m, "pageFaults"))
$root.runtime.v1.UInt64Value.encode(m.pageFaults, w.uint32(50).fork(), q + 1).ldelim();
if (m.majorPageFaults != null && $Object.hasOwnProperty.call(m, "majorPageFaults"))
$root.runtime.v1.UInt64Value.encode(m.majorPageFaults, w.uint32(58).fork(), q + 1).ldelim();
if (m.psi != null && $Object.hasOwnProperty.call(m, "psi"))
$root.runtime.v1.PsiStats.encode(m.psi, w.uint32(66).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

MemoryUsage.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.MemoryUsage();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 0)
break;
if (typeof (v = r.int64()) === "object" ? v.low || v.high : v !== 0)
m.timestamp = v;
else
delete m.timestamp;
continue;
}
case 2: {
if (u !== 2)
break;
m.workingSetBytes = $root.runtime.v1.UInt64Value.decode(r, r.size(), $undefined, q + 1, m.workingSetBytes);
continue;
}
case 3: {
if (u !== 2)
break;
m.availableBytes = $root.runtime.v1.UInt64Value.decode(r, r.size(), $undefined, q + 1, m.availableBytes);
continue;
}
case 4: {
if (u !== 2)
break;
m.usageBytes = $root.runtime.v1.UInt64Value.decode(r, r.size(), $undefined, q + 1, m.usageBytes);
continue;
}
case 5: {
if (u !== 2)
break;
m.rssBytes = $root.runtime.v1.UInt64Value.decode(r, r.size(), $undefined, q + 1, m.rssBytes);
continue;
}
case 6: {
if (u !== 2)
break;
m.pageFaults = $root.runtime.v1.UInt64Value.decode(r, r.size(), $undefined, q + 1, m.pageFaults);
continue;
}
case 7: {
if (u !== 2)
break;
m.majorPageFaults = $root.runtime.v1.UInt64Value.decode(r, r.size(), $undefined, q + 1, m.majorPageFaults);
continue;
}
case 8: {
if (u !== 2)
break;
m.psi = $root.runtime.v1.PsiStats.decode(r, r.size(), $undefined, q + 1, m.psi);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return MemoryUsage;
})();

v1.IoUsage = (function() {

const IoUsage = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

IoUsage.prototype.timestamp = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
IoUsage.prototype.psi = null;

IoUsage.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.timestamp != null && $Object.hasOwnProperty.call(m, "timestamp") && (typeof m.timestamp === "object" ? m.timestamp.low || m.timestamp.high : m.timestamp !== 0))
w.uint32(8).int64(m.timestamp);
if (m.psi != null && $Object.hasOwnProperty.call(m, "psi"))
$root.runtime.v1.PsiStats.encode(m.psi, w.uint32(18).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

IoUsage.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.IoUsage();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 0)
break;
if (typeof (v = r.int64()) === "object" ? v.low || v.high : v !== 0)
m.timestamp = v;
else
delete m.timestamp;
continue;
}
case 2: {
if (u !== 2)
break;
m.psi = $root.runtime.v1.PsiStats.decode(r, r.size(), $undefined, q + 1, m.psi);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return IoUsage;
})();

v1.SwapUsage = (function() {

const SwapUsage = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

SwapUsage.prototype.timestamp = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
SwapUsage.prototype.swapAvailableBytes = null;
SwapUsage.prototype.swapUsageBytes = null;

SwapUsage.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.timestamp != null && $Object.hasOwnProperty.call(m, "timestamp") && (typeof m.timestamp === "object" ? m.timestamp.low || m.timestamp.high : m.timestamp !== 0))
w.uint32(8).int64(m.timestamp);
if (m.swapAvailableBytes != null && $Object.hasOwnProperty.call(m, "swapAvailableBytes"))
$root.runtime.v1.UInt64Value.encode(m.swapAvailableBytes, w.uint32(18).fork(), q + 1).ldelim();
if (m.swapUsageBytes != null && $Object.hasOwnProperty.call(m, "swapUsageBytes"))
$root.runtime.v1.UInt64Value.encode(m.swapUsageBytes, w.uint32(26).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

SwapUsage.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.SwapUsage();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 0)
break;
if (typeof (v = r.int64()) === "object" ? v.low || v.high : v !== 0)
m.timestamp = v;
else
delete m.timestamp;
continue;
}
case 2: {
if (u !== 2)
break;
m.swapAvailableBytes = $root.runtime.v1.UInt64Value.decode(r, r.size(), $undefined, q + 1, m.swapAvailableBytes);
continue;
}
case 3: {
if (u !== 2)
break;
m.swapUsageBytes = $root.runtime.v1.UInt64Value.decode(r, r.size(), $undefined, q + 1, m.swapUsageBytes);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return SwapUsage;
})();

v1.WindowsMemoryUsage = (function() {

const WindowsMemoryUsage = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

WindowsMemoryUsage.prototype.timestamp = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
WindowsMemoryUsage.prototype.workingSetBytes = null;
WindowsMemoryUsage.prototype.availableBytes = null;
WindowsMemoryUsage.prototype.pageFaults = null;
WindowsMemoryUsage.prototype.commitMemoryBytes = null;

WindowsMemoryUsage.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.timestamp != null && $Object.hasOwnProperty.call(m, "timestamp") && (typeof m.timestamp === "object" ? m.timestamp.low || m.timestamp.high : m.timestamp !== 0))
w.uint32(8).int64(m.timestamp);
if (m.workingSetBytes != null && $Object.hasOwnProperty.call(m, "workingSetBytes"))
$root.runtime.v1.UInt64Value.encode(m.workingSetBytes, w.uint32(18).fork(), q + 1).ldelim();
if (m.availableBytes != null && $Object.hasOwnProperty.call(m, "availableBytes"))
$root.runtime.v1.UInt64Value.encode(m.availableBytes, w.uint32(26).fork(), q + 1).ldelim();
if (m.pageFaults != null && $Object.hasOwnProperty.call(m, "pageFaults"))
$root.runtime.v1.UInt64Value.encode(m.pageFaults, w.uint32(34).fork(), q + 1).ldelim();
if (m.commitMemoryBytes != null && $Object.hasOwnProperty.call(m, "commitMemoryBytes"))
$root.runtime.v1.UInt64Value.encode(m.commitMemoryBytes, w.uint32(42).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

WindowsMemoryUsage.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.WindowsMemoryUsage();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 0)
break;
if (typeof (v = r.int64()) === "object" ? v.low || v.high : v !== 0)
m.timestamp = v;
else
delete m.timestamp;
continue;
}
case 2: {
if (u !== 2)
break;
m.workingSetBytes = $root.runtime.v1.UInt64Value.decode(r, r.size(), $undefined, q + 1, m.workingSetBytes);
continue;
}
case 3: {
if (u !== 2)
break;
m.availableBytes = $root.runtime.v1.UInt64Value.decode(r, r.size(), $undefined, q + 1, m.availableBytes);
continue;
}
case 4: {
if (u !== 2)
break;
m.pageFaults = $root.runtime.v1.UInt64Value.decode(r, r.size(), $undefined, q + 1, m.pageFaults);
continue;
}
case 5: {
if (u !== 2)
break;
m.commitMemoryBytes = $root.runtime.v1.UInt64Value.decode(r, r.size(), $undefined, q + 1, m.commitMemoryBytes);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return WindowsMemoryUsage;
})();

v1.ReopenContainerLogRequest = (function() {

const ReopenContainerLogRequest = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ReopenContainerLogRequest.prototype.containerId = "";

ReopenContainerLogRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.containerId != null && $Object.hasOwnProperty.call(m, "containerId") && m.containerId !== "")
w.uint32(10).string(m.containerId);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ReopenContainerLogRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.ReopenContainerLogRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.containerId = v;
else
delete m.containerId;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ReopenContainerLogRequest;
})();

v1.ReopenContainerLogResponse = (function() {

const ReopenContainerLogResponse = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ReopenContainerLogResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ReopenContainerLogResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.ReopenContainerLogResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
r.skipType(t & 7, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ReopenContainerLogResponse;
})();

v1.CheckpointContainerRequest = (function() {

const CheckpointContainerRequest = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

CheckpointContainerRequest.prototype.containerId = "";
CheckpointContainerRequest.prototype.location = "";
CheckpointContainerRequest.prototype.timeout = $util.Long ? $util.Long.fromBits(0,0,false) : 0;

CheckpointContainerRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.containerId != null && $Object.hasOwnProperty.call(m, "containerId") && m.containerId !== "")
w.uint32(10).string(m.containerId);
if (m.location != null && $Object.hasOwnProperty.call(m, "location") && m.location !== "")
w.uint32(18).string(m.location);
if (m.timeout != null && $Object.hasOwnProperty.call(m, "timeout") && (typeof m.timeout === "object" ? m.timeout.low || m.timeout.high : m.timeout !== 0))
w.uint32(24).int64(m.timeout);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

CheckpointContainerRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.CheckpointContainerRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.containerId = v;
else
delete m.containerId;
continue;
}
case 2: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.location = v;
else
delete m.location;
continue;
}
case 3: {
if (u !== 0)
break;
if (typeof (v = r.int64()) === "object" ? v.low || v.high : v !== 0)
m.timeout = v;
else
delete m.timeout;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return CheckpointContainerRequest;
})();

v1.CheckpointContainerResponse = (function() {

const CheckpointContainerResponse = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

CheckpointContainerResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

CheckpointContainerResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.CheckpointContainerResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
r.skipType(t & 7, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return CheckpointContainerResponse;
})();

v1.CheckpointPodRequest = (function() {

const CheckpointPodRequest = function (p) {
this.containerIds = [];
this.options = {};
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

CheckpointPodRequest.prototype.podSandboxId = "";
CheckpointPodRequest.prototype.outputPath = "";
CheckpointPodRequest.prototype.containerIds = $util.emptyArray;
CheckpointPodRequest.prototype.options = $util.emptyObject;

CheckpointPodRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.podSandboxId != null && $Object.hasOwnProperty.call(m, "podSandboxId") && m.podSandboxId !== "")
w.uint32(10).string(m.podSandboxId);
if (m.outputPath != null && $Object.hasOwnProperty.call(m, "outputPath") && m.outputPath !== "")
w.uint32(18).string(m.outputPath);
if (m.containerIds != null && m.containerIds.length) {
for (var i = 0; i < m.containerIds.length; ++i)
w.uint32(26).string(m.containerIds[i]);
}
if (m.options != null && $Object.hasOwnProperty.call(m, "options")) {
for (var ks = $Object.keys(m.options), i = 0; i < ks.length; ++i) {
w.uint32(34).fork().uint32(10).string(ks[i]).uint32(18).string(m.options[ks[i]]).ldelim();
}
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

CheckpointPodRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, k, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.CheckpointPodRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.podSandboxId = v;
else
delete m.podSandboxId;
continue;
}
case 2: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.outputPath = v;
else
delete m.outputPath;
continue;
}
case 3: {
if (u !== 2)
break;
if (!(m.containerIds && m.containerIds.length))
m.containerIds = [];
m.containerIds.push(r.stringVerify());
continue;
}
case 4: {
if (u !== 2)
break;
if (m.options === $util.emptyObject)
m.options = {};
var c2 = r.size() + r.pos;
if (c2 > r.len)
throw $RangeError("index out of range");
r.len = c2;
k = "";
v = "";
while (r.pos < c2) {
var t2 = r.tag();
u = t2 & 7;
switch (t2 >>>= 3) {
case 1:
if (u !== 2)
break;
k = r.stringVerify();
continue;
case 2:
if (u !== 2)
break;
v = r.stringVerify();
continue;
}
r.skipType(u, q, t2);
}
if (r.pos !== c2)
throw $RangeError("index out of range");
r.len = c;
if (k === "__proto__")
$util.makeProp(m.options, k);
m.options[k] = v;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return CheckpointPodRequest;
})();

v1.CheckpointPodResponse = (function() {

const CheckpointPodResponse = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

CheckpointPodResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

CheckpointPodResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.CheckpointPodResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
r.skipType(t & 7, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return CheckpointPodResponse;
})();

v1.RestorePodRequest = (function() {

const RestorePodRequest = function (p) {
this.options = {};
this.containerConfigs = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

RestorePodRequest.prototype.checkpointPath = "";
RestorePodRequest.prototype.config = null;
RestorePodRequest.prototype.runtimeHandler = "";
RestorePodRequest.prototype.options = $util.emptyObject;
RestorePodRequest.prototype.containerConfigs = $util.emptyArray;

RestorePodRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.checkpointPath != null && $Object.hasOwnProperty.call(m, "checkpointPath") && m.checkpointPath !== "")
w.uint32(10).string(m.checkpointPath);
if (m.config != null && $Object.hasOwnProperty.call(m, "config"))
$root.runtime.v1.PodSandboxConfig.encode(m.config, w.uint32(18).fork(), q + 1).ldelim();
if (m.runtimeHandler != null && $Object.hasOwnProperty.call(m, "runtimeHandler") && m.runtimeHandler !== "")
w.uint32(26).string(m.runtimeHandler);
if (m.options != null && $Object.hasOwnProperty.call(m, "options")) {
for (var ks = $Object.keys(m.options), i = 0; i < ks.length; ++i) {
w.uint32(34).fork().uint32(10).string(ks[i]).uint32(18).string(m.options[ks[i]]).ldelim();
}
}
if (m.containerConfigs != null && m.containerConfigs.length) {
for (var i = 0; i < m.containerConfigs.length; ++i)
$root.runtime.v1.ContainerConfig.encode(m.containerConfigs[i], w.uint32(42).fork(), q + 1).ldelim();
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

RestorePodRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, k, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.RestorePodRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.checkpointPath = v;
else
delete m.checkpointPath;
continue;
}
case 2: {
if (u !== 2)
break;
m.config = $root.runtime.v1.PodSandboxConfig.decode(r, r.size(), $undefined, q + 1, m.config);
continue;
}
case 3: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.runtimeHandler = v;
else
delete m.runtimeHandler;
continue;
}
case 4: {
if (u !== 2)
break;
if (m.options === $util.emptyObject)
m.options = {};
var c2 = r.size() + r.pos;
if (c2 > r.len)
throw $RangeError("index out of range");
r.len = c2;
k = "";
v = "";
while (r.pos < c2) {
var t2 = r.tag();
u = t2 & 7;
switch (t2 >>>= 3) {
case 1:
if (u !== 2)
break;
k = r.stringVerify();
continue;
case 2:
if (u !== 2)
break;
v = r.stringVerify();
continue;
}
r.skipType(u, q, t2);
}
if (r.pos !== c2)
throw $RangeError("index out of range");
r.len = c;
if (k === "__proto__")
$util.makeProp(m.options, k);
m.options[k] = v;
continue;
}
case 5: {
if (u !== 2)
break;
if (!(m.containerConfigs && m.containerConfigs.length))
m.containerConfigs = [];
m.containerConfigs.push($root.runtime.v1.ContainerConfig.decode(r, r.size(), $undefined, q + 1));
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return RestorePodRequest;
})();

v1.RestoredContainer = (function() {

const RestoredContainer = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

RestoredContainer.prototype.name = "";
RestoredContainer.prototype.containerId = "";

RestoredContainer.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.name != null && $Object.hasOwnProperty.call(m, "name") && m.name !== "")
w.uint32(10).string(m.name);
if (m.containerId != null && $Object.hasOwnProperty.call(m, "containerId") && m.containerId !== "")
w.uint32(18).string(m.containerId);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

RestoredContainer.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.RestoredContainer();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.name = v;
else
delete m.name;
continue;
}
case 2: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.containerId = v;
else
delete m.containerId;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return RestoredContainer;
})();

v1.RestorePodResponse = (function() {

const RestorePodResponse = function (p) {
this.restoredContainers = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

RestorePodResponse.prototype.podSandboxId = "";
RestorePodResponse.prototype.restoredContainers = $util.emptyArray;

RestorePodResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.podSandboxId != null && $Object.hasOwnProperty.call(m, "podSandboxId") && m.podSandboxId !== "")
w.uint32(10).string(m.podSandboxId);
if (m.restoredContainers != null && m.restoredContainers.length) {
for (var i = 0; i < m.restoredContainers.length; ++i)
$root.runtime.v1.RestoredContainer.encode(m.restoredContainers[i], w.uint32(18).fork(), q + 1).ldelim();
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

RestorePodResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.RestorePodResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.podSandboxId = v;
else
delete m.podSandboxId;
continue;
}
case 2: {
if (u !== 2)
break;
if (!(m.restoredContainers && m.restoredContainers.length))
m.restoredContainers = [];
m.restoredContainers.push($root.runtime.v1.RestoredContainer.decode(r, r.size(), $undefined, q + 1));
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return RestorePodResponse;
})();

v1.GetEventsRequest = (function() {

const GetEventsRequest = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

GetEventsRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

GetEventsRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.GetEventsRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
r.skipType(t & 7, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return GetEventsRequest;
})();

v1.ContainerEventResponse = (function() {

const ContainerEventResponse = function (p) {
this.containersStatuses = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ContainerEventResponse.prototype.containerId = "";
ContainerEventResponse.prototype.containerEventType = 0;
ContainerEventResponse.prototype.createdAt = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
ContainerEventResponse.prototype.podSandboxStatus = null;
ContainerEventResponse.prototype.containersStatuses = $util.emptyArray;

ContainerEventResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.containerId != null && $Object.hasOwnProperty.call(m, "containerId") && m.containerId !== "")
w.uint32(10).string(m.containerId);
if (m.containerEventType != null && $Object.hasOwnProperty.call(m, "containerEventType") && m.containerEventType !== 0)
w.uint32(16).int32(m.containerEventType);
if (m.createdAt != null && $Object.hasOwnProperty.call(m, "createdAt") && (typeof m.createdAt === "object" ? m.createdAt.low || m.createdAt.high : m.createdAt !== 0))
w.uint32(24).int64(m.createdAt);
if (m.podSandboxStatus != null && $Object.hasOwnProperty.call(m, "podSandboxStatus"))
$root.runtime.v1.PodSandboxStatus.encode(m.podSandboxStatus, w.uint32(34).fork(), q + 1).ldelim();
if (m.containersStatuses != null && m.containersStatuses.length) {
for (var i = 0; i < m.containersStatuses.length; ++i)
$root.runtime.v1.ContainerStatus.encode(m.containersStatuses[i], w.uint32(42).fork(), q + 1).ldelim();
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ContainerEventResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.ContainerEventResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.containerId = v;
else
delete m.containerId;
continue;
}
case 2: {
if (u !== 0)
break;
if (v = r.int32())
m.containerEventType = v;
else
delete m.containerEventType;
continue;
}
case 3: {
if (u !== 0)
break;
if (typeof (v = r.int64()) === "object" ? v.low || v.high : v !== 0)
m.createdAt = v;
else
delete m.createdAt;
continue;
}
case 4: {
if (u !== 2)
break;
m.podSandboxStatus = $root.runtime.v1.PodSandboxStatus.decode(r, r.size(), $undefined, q + 1, m.podSandboxStatus);
continue;
}
case 5: {
if (u !== 2)
break;
if (!(m.containersStatuses && m.containersStatuses.length))
m.containersStatuses = [];
m.containersStatuses.push($root.runtime.v1.ContainerStatus.decode(r, r.size(), $undefined, q + 1));
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ContainerEventResponse;
})();

v1.ContainerEventType = (function() {
const valuesById = $Object.create(null), values = $Object.create(valuesById);
values[valuesById[0] = "CONTAINER_CREATED_EVENT"] = 0;
values[valuesById[1] = "CONTAINER_STARTED_EVENT"] = 1;
values[valuesById[2] = "CONTAINER_STOPPED_EVENT"] = 2;
values[valuesById[3] = "CONTAINER_DELETED_EVENT"] = 3;
return values;
})();

v1.ListMetricDescriptorsRequest = (function() {

const ListMetricDescriptorsRequest = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ListMetricDescriptorsRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ListMetricDescriptorsRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.ListMetricDescriptorsRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
r.skipType(t & 7, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ListMetricDescriptorsRequest;
})();

v1.ListMetricDescriptorsResponse = (function() {

const ListMetricDescriptorsResponse = function (p) {
this.descriptors = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ListMetricDescriptorsResponse.prototype.descriptors = $util.emptyArray;

ListMetricDescriptorsResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.descriptors != null && m.descriptors.length) {
for (var i = 0; i < m.descriptors.length; ++i)
$root.runtime.v1.MetricDescriptor.encode(m.descriptors[i], w.uint32(10).fork(), q + 1).ldelim();
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ListMetricDescriptorsResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.ListMetricDescriptorsResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if (!(m.descriptors && m.descriptors.length))
m.descriptors = [];
m.descriptors.push($root.runtime.v1.MetricDescriptor.decode(r, r.size(), $undefined, q + 1));
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ListMetricDescriptorsResponse;
})();

v1.MetricDescriptor = (function() {

const MetricDescriptor = function (p) {
this.labelKeys = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

MetricDescriptor.prototype.name = "";
MetricDescriptor.prototype.help = "";
MetricDescriptor.prototype.labelKeys = $util.emptyArray;

MetricDescriptor.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.name != null && $Object.hasOwnProperty.call(m, "name") && m.name !== "")
w.uint32(10).string(m.name);
if (m.help != null && $Object.hasOwnProperty.call(m, "help") && m.help !== "")
w.uint32(18).string(m.help);
if (m.labelKeys != null && m.labelKeys.length) {
for (var i = 0; i < m.labelKeys.length; ++i)
w.uint32(26).string(m.labelKeys[i]);
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

MetricDescriptor.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.MetricDescriptor();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.name = v;
else
delete m.name;
continue;
}
case 2: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.help = v;
else
delete m.help;
continue;
}
case 3: {
if (u !== 2)
break;
if (!(m.labelKeys && m.labelKeys.length))
m.labelKeys = [];
m.labelKeys.push(r.stringVerify());
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return MetricDescriptor;
})();

v1.ListPodSandboxMetricsRequest = (function() {

const ListPodSandboxMetricsRequest = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ListPodSandboxMetricsRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ListPodSandboxMetricsRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.ListPodSandboxMetricsRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
r.skipType(t & 7, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ListPodSandboxMetricsRequest;
})();

v1.ListPodSandboxMetricsResponse = (function() {

const ListPodSandboxMetricsResponse = function (p) {
this.podMetrics = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ListPodSandboxMetricsResponse.prototype.podMetrics = $util.emptyArray;

ListPodSandboxMetricsResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.podMetrics != null && m.podMetrics.length) {
for (var i = 0; i < m.podMetrics.length; ++i)
$root.runtime.v1.PodSandboxMetrics.encode(m.podMetrics[i], w.uint32(10).fork(), q + 1).ldelim();
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ListPodSandboxMetricsResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.ListPodSandboxMetricsResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if (!(m.podMetrics && m.podMetrics.length))
m.podMetrics = [];
m.podMetrics.push($root.runtime.v1.PodSandboxMetrics.decode(r, r.size(), $undefined, q + 1));
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ListPodSandboxMetricsResponse;
})();

v1.StreamPodSandboxMetricsRequest = (function() {

const StreamPodSandboxMetricsRequest = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

StreamPodSandboxMetricsRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

StreamPodSandboxMetricsRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.StreamPodSandboxMetricsRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
r.skipType(t & 7, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return StreamPodSandboxMetricsRequest;
})();

v1.StreamPodSandboxMetricsResponse = (function() {

const StreamPodSandboxMetricsResponse = function (p) {
this.podSandboxMetrics = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

StreamPodSandboxMetricsResponse.prototype.podSandboxMetrics = $util.emptyArray;

StreamPodSandboxMetricsResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.podSandboxMetrics != null && m.podSandboxMetrics.length) {
for (var i = 0; i < m.podSandboxMetrics.length; ++i)
$root.runtime.v1.PodSandboxMetrics.encode(m.podSandboxMetrics[i], w.uint32(10).fork(), q + 1).ldelim();
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

StreamPodSandboxMetricsResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.StreamPodSandboxMetricsResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if (!(m.podSandboxMetrics && m.podSandboxMetrics.length))
m.podSandboxMetrics = [];
m.podSandboxMetrics.push($root.runtime.v1.PodSandboxMetrics.decode(r, r.size(), $undefined, q + 1));
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return StreamPodSandboxMetricsResponse;
})();

v1.PodSandboxMetrics = (function() {

const PodSandboxMetrics = function (p) {
this.metrics = [];
this.containerMetrics = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

PodSandboxMetrics.prototype.podSandboxId = "";
PodSandboxMetrics.prototype.metrics = $util.emptyArray;
PodSandboxMetrics.prototype.containerMetrics = $util.emptyArray;

PodSandboxMetrics.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.podSandboxId != null && $Object.hasOwnProperty.call(m, "podSandboxId") && m.podSandboxId !== "")
w.uint32(10).string(m.podSandboxId);
if (m.metrics != null && m.metrics.length) {
for (var i = 0; i < m.metrics.length; ++i)
$root.runtime.v1.Metric.encode(m.metrics[i], w.uint32(18).fork(), q + 1).ldelim();
}
if (m.containerMetrics != null && m.containerMetrics.length) {
for (var i = 0; i < m.containerMetrics.length; ++i)
$root.runtime.v1.ContainerMetrics.encode(m.containerMetrics[i], w.uint32(26).fork(), q + 1).ldelim();
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

PodSandboxMetrics.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.PodSandboxMetrics();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.podSandboxId = v;
else
delete m.podSandboxId;
continue;
}
case 2: {
if (u !== 2)
break;
if (!(m.metrics && m.metrics.length))
m.metrics = [];
m.metrics.push($root.runtime.v1.Metric.decode(r, r.size(), $undefined, q + 1));
continue;
}
case 3: {
if (u !== 2)
break;
if (!(m.containerMetrics && m.containerMetrics.length))
m.containerMetrics = [];
m.containerMetrics.push($root.runtime.v1.ContainerMetrics.decode(r, r.size(), $undefined, q + 1));
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return PodSandboxMetrics;
})();

v1.ContainerMetrics = (function() {

const ContainerMetrics = function (p) {
this.metrics = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ContainerMetrics.prototype.containerId = "";
ContainerMetrics.prototype.metrics = $util.emptyArray;

ContainerMetrics.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.containerId != null && $Object.hasOwnProperty.call(m, "containerId") && m.containerId !== "")
w.uint32(10).string(m.containerId);
if (m.metrics != null && m.metrics.length) {
for (var i = 0; i < m.metrics.length; ++i)
$root.runtime.v1.Metric.encode(m.metrics[i], w.uint32(18).fork(), q + 1).ldelim();
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ContainerMetrics.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.ContainerMetrics();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.containerId = v;
else
delete m.containerId;
continue;
}
case 2: {
if (u !== 2)
break;
if (!(m.metrics && m.metrics.length))
m.metrics = [];
m.metrics.push($root.runtime.v1.Metric.decode(r, r.size(), $undefined, q + 1));
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ContainerMetrics;
})();

v1.Metric = (function() {

const Metric = function (p) {
this.labelValues = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

Metric.prototype.name = "";
Metric.prototype.timestamp = $util.Long ? $util.Long.fromBits(0,0,false) : 0;
Metric.prototype.metricType = 0;
Metric.prototype.labelValues = $util.emptyArray;
Metric.prototype.value = null;

Metric.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.name != null && $Object.hasOwnProperty.call(m, "name") && m.name !== "")
w.uint32(10).string(m.name);
if (m.timestamp != null && $Object.hasOwnProperty.call(m, "timestamp") && (typeof m.timestamp === "object" ? m.timestamp.low || m.timestamp.high : m.timestamp !== 0))
w.uint32(16).int64(m.timestamp);
if (m.metricType != null && $Object.hasOwnProperty.call(m, "metricType") && m.metricType !== 0)
w.uint32(24).int32(m.metricType);
if (m.labelValues != null && m.labelValues.length) {
for (var i = 0; i < m.labelValues.length; ++i)
w.uint32(34).string(m.labelValues[i]);
}
if (m.value != null && $Object.hasOwnProperty.call(m, "value"))
$root.runtime.v1.UInt64Value.encode(m.value, w.uint32(42).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

Metric.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.Metric();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.name = v;
else
delete m.name;
continue;
}
case 2: {
if (u !== 0)
break;
if (typeof (v = r.int64()) === "object" ? v.low || v.high : v !== 0)
m.timestamp = v;
else
delete m.timestamp;
continue;
}
case 3: {
if (u !== 0)
break;
if (v = r.int32())
m.metricType = v;
else
delete m.metricType;
continue;
}
case 4: {
if (u !== 2)
break;
if (!(m.labelValues && m.labelValues.length))
m.labelValues = [];
m.labelValues.push(r.stringVerify());
continue;
}
case 5: {
if (u !== 2)
break;
m.value = $root.runtime.v1.UInt64Value.decode(r, r.size(), $undefined, q + 1, m.value);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return Metric;
})();

v1.MetricType = (function() {
const valuesById = $Object.create(null), values = $Object.create(valuesById);
values[valuesById[0] = "COUNTER"] = 0;
values[valuesById[1] = "GAUGE"] = 1;
return values;
})();

v1.RuntimeConfigRequest = (function() {

const RuntimeConfigRequest = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

RuntimeConfigRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

RuntimeConfigRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.RuntimeConfigRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
r.skipType(t & 7, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return RuntimeConfigRequest;
})();

v1.RuntimeConfigResponse = (function() {

const RuntimeConfigResponse = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

RuntimeConfigResponse.prototype.linux = null;

RuntimeConfigResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.linux != null && $Object.hasOwnProperty.call(m, "linux"))
$root.runtime.v1.LinuxRuntimeConfiguration.encode(m.linux, w.uint32(10).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

RuntimeConfigResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.RuntimeConfigResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
m.linux = $root.runtime.v1.LinuxRuntimeConfiguration.decode(r, r.size(), $undefined, q + 1, m.linux);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return RuntimeConfigResponse;
})();

v1.LinuxRuntimeConfiguration = (function() {

const LinuxRuntimeConfiguration = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

LinuxRuntimeConfiguration.prototype.cgroupDriver = 0;

LinuxRuntimeConfiguration.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.cgroupDriver != null && $Object.hasOwnProperty.call(m, "cgroupDriver") && m.cgroupDriver !== 0)
w.uint32(8).int32(m.cgroupDriver);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

LinuxRuntimeConfiguration.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.LinuxRuntimeConfiguration();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 0)
break;
if (v = r.int32())
m.cgroupDriver = v;
else
delete m.cgroupDriver;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return LinuxRuntimeConfiguration;
})();

v1.CgroupDriver = (function() {
const valuesById = $Object.create(null), values = $Object.create(valuesById);
values[valuesById[0] = "SYSTEMD"] = 0;
values[valuesById[1] = "CGROUPFS"] = 1;
return values;
})();

v1.UpdatePodSandboxResourcesRequest = (function() {

const UpdatePodSandboxResourcesRequest = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

UpdatePodSandboxResourcesRequest.prototype.podSandboxId = "";
UpdatePodSandboxResourcesRequest.prototype.overhead = null;
UpdatePodSandboxResourcesRequest.prototype.resources = null;

UpdatePodSandboxResourcesRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.podSandboxId != null && $Object.hasOwnProperty.call(m, "podSandboxId") && m.podSandboxId !== "")
w.uint32(10).string(m.podSandboxId);
if (m.overhead != null && $Object.hasOwnProperty.call(m, "overhead"))
$root.runtime.v1.LinuxContainerResources.encode(m.overhead, w.uint32(18).fork(), q + 1).ldelim();
if (m.resources != null && $Object.hasOwnProperty.call(m, "resources"))
$root.runtime.v1.LinuxContainerResources.encode(m.resources, w.uint32(26).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

UpdatePodSandboxResourcesRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.UpdatePodSandboxResourcesRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.podSandboxId = v;
else
delete m.podSandboxId;
continue;
}
case 2: {
if (u !== 2)
break;
m.overhead = $root.runtime.v1.LinuxContainerResources.decode(r, r.size(), $undefined, q + 1, m.overhead);
continue;
}
case 3: {
if (u !== 2)
break;
m.resources = $root.runtime.v1.LinuxContainerResources.decode(r, r.size(), $undefined, q + 1, m.resources);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return UpdatePodSandboxResourcesRequest;
})();

v1.UpdatePodSandboxResourcesResponse = (function() {

const UpdatePodSandboxResourcesResponse = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

UpdatePodSandboxResourcesResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

UpdatePodSandboxResourcesResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.runtime.v1.UpdatePodSandboxResourcesResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
r.skipType(t & 7, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return UpdatePodSandboxResourcesResponse;
})();

return v1;
})();

return runtime;
})();

export {
$root as default
};
export const messages = {
  VersionRequest: $root.runtime.v1.VersionRequest,
  VersionResponse: $root.runtime.v1.VersionResponse,
  DNSConfig: $root.runtime.v1.DNSConfig,
  PortMapping: $root.runtime.v1.PortMapping,
  Mount: $root.runtime.v1.Mount,
  IDMapping: $root.runtime.v1.IDMapping,
  UserNamespace: $root.runtime.v1.UserNamespace,
  NamespaceOption: $root.runtime.v1.NamespaceOption,
  Int64Value: $root.runtime.v1.Int64Value,
  LinuxSandboxSecurityContext: $root.runtime.v1.LinuxSandboxSecurityContext,
  SecurityProfile: $root.runtime.v1.SecurityProfile,
  LinuxPodSandboxConfig: $root.runtime.v1.LinuxPodSandboxConfig,
  PodSandboxMetadata: $root.runtime.v1.PodSandboxMetadata,
  PodSandboxConfig: $root.runtime.v1.PodSandboxConfig,
  RunPodSandboxRequest: $root.runtime.v1.RunPodSandboxRequest,
  RunPodSandboxResponse: $root.runtime.v1.RunPodSandboxResponse,
  StopPodSandboxRequest: $root.runtime.v1.StopPodSandboxRequest,
  StopPodSandboxResponse: $root.runtime.v1.StopPodSandboxResponse,
  RemovePodSandboxRequest: $root.runtime.v1.RemovePodSandboxRequest,
  RemovePodSandboxResponse: $root.runtime.v1.RemovePodSandboxResponse,
  PodSandboxStatusRequest: $root.runtime.v1.PodSandboxStatusRequest,
  PodIP: $root.runtime.v1.PodIP,
  PodSandboxNetworkStatus: $root.runtime.v1.PodSandboxNetworkStatus,
  Namespace: $root.runtime.v1.Namespace,
  LinuxPodSandboxStatus: $root.runtime.v1.LinuxPodSandboxStatus,
  PodSandboxStatus: $root.runtime.v1.PodSandboxStatus,
  PodSandboxStatusResponse: $root.runtime.v1.PodSandboxStatusResponse,
  PodSandboxStateValue: $root.runtime.v1.PodSandboxStateValue,
  PodSandboxFilter: $root.runtime.v1.PodSandboxFilter,
  ListPodSandboxRequest: $root.runtime.v1.ListPodSandboxRequest,
  PodSandbox: $root.runtime.v1.PodSandbox,
  ListPodSandboxResponse: $root.runtime.v1.ListPodSandboxResponse,
  StreamPodSandboxesRequest: $root.runtime.v1.StreamPodSandboxesRequest,
  StreamPodSandboxesResponse: $root.runtime.v1.StreamPodSandboxesResponse,
  PodSandboxStatsRequest: $root.runtime.v1.PodSandboxStatsRequest,
  PodSandboxStatsResponse: $root.runtime.v1.PodSandboxStatsResponse,
  PodSandboxStatsFilter: $root.runtime.v1.PodSandboxStatsFilter,
  ListPodSandboxStatsRequest: $root.runtime.v1.ListPodSandboxStatsRequest,
  ListPodSandboxStatsResponse: $root.runtime.v1.ListPodSandboxStatsResponse,
  StreamPodSandboxStatsRequest: $root.runtime.v1.StreamPodSandboxStatsRequest,
  StreamPodSandboxStatsResponse: $root.runtime.v1.StreamPodSandboxStatsResponse,
  PodSandboxAttributes: $root.runtime.v1.PodSandboxAttributes,
  PodSandboxStats: $root.runtime.v1.PodSandboxStats,
  LinuxPodSandboxStats: $root.runtime.v1.LinuxPodSandboxStats,
  WindowsPodSandboxStats: $root.runtime.v1.WindowsPodSandboxStats,
  NetworkUsage: $root.runtime.v1.NetworkUsage,
  WindowsNetworkUsage: $root.runtime.v1.WindowsNetworkUsage,
  NetworkInterfaceUsage: $root.runtime.v1.NetworkInterfaceUsage,
  WindowsNetworkInterfaceUsage: $root.runtime.v1.WindowsNetworkInterfaceUsage,
  ProcessUsage: $root.runtime.v1.ProcessUsage,
  WindowsProcessUsage: $root.runtime.v1.WindowsProcessUsage,
  ImageSpec: $root.runtime.v1.ImageSpec,
  KeyValue: $root.runtime.v1.KeyValue,
  LinuxContainerResources: $root.runtime.v1.LinuxContainerResources,
  HugepageLimit: $root.runtime.v1.HugepageLimit,
  SELinuxOption: $root.runtime.v1.SELinuxOption,
  Capability: $root.runtime.v1.Capability,
  LinuxContainerSecurityContext: $root.runtime.v1.LinuxContainerSecurityContext,
  LinuxContainerConfig: $root.runtime.v1.LinuxContainerConfig,
  LinuxContainerUser: $root.runtime.v1.LinuxContainerUser,
  WindowsNamespaceOption: $root.runtime.v1.WindowsNamespaceOption,
  WindowsSandboxSecurityContext: $root.runtime.v1.WindowsSandboxSecurityContext,
  WindowsPodSandboxConfig: $root.runtime.v1.WindowsPodSandboxConfig,
  WindowsContainerSecurityContext: $root.runtime.v1.WindowsContainerSecurityContext,
  WindowsContainerConfig: $root.runtime.v1.WindowsContainerConfig,
  WindowsContainerResources: $root.runtime.v1.WindowsContainerResources,
  WindowsCpuGroupAffinity: $root.runtime.v1.WindowsCpuGroupAffinity,
  ContainerMetadata: $root.runtime.v1.ContainerMetadata,
  Device: $root.runtime.v1.Device,
  CDIDevice: $root.runtime.v1.CDIDevice,
  ContainerConfig: $root.runtime.v1.ContainerConfig,
  CreateContainerRequest: $root.runtime.v1.CreateContainerRequest,
  CreateContainerResponse: $root.runtime.v1.CreateContainerResponse,
  StartContainerRequest: $root.runtime.v1.StartContainerRequest,
  StartContainerResponse: $root.runtime.v1.StartContainerResponse,
  StopContainerRequest: $root.runtime.v1.StopContainerRequest,
  StopContainerResponse: $root.runtime.v1.StopContainerResponse,
  RemoveContainerRequest: $root.runtime.v1.RemoveContainerRequest,
  RemoveContainerResponse: $root.runtime.v1.RemoveContainerResponse,
  ContainerStateValue: $root.runtime.v1.ContainerStateValue,
  ContainerFilter: $root.runtime.v1.ContainerFilter,
  ListContainersRequest: $root.runtime.v1.ListContainersRequest,
  Container: $root.runtime.v1.Container,
  ListContainersResponse: $root.runtime.v1.ListContainersResponse,
  StreamContainersRequest: $root.runtime.v1.StreamContainersRequest,
  StreamContainersResponse: $root.runtime.v1.StreamContainersResponse,
  ContainerStatusRequest: $root.runtime.v1.ContainerStatusRequest,
  ContainerStatus: $root.runtime.v1.ContainerStatus,
  ContainerStatusResponse: $root.runtime.v1.ContainerStatusResponse,
  ContainerResources: $root.runtime.v1.ContainerResources,
  ContainerUser: $root.runtime.v1.ContainerUser,
  UpdateContainerResourcesRequest: $root.runtime.v1.UpdateContainerResourcesRequest,
  UpdateContainerResourcesResponse: $root.runtime.v1.UpdateContainerResourcesResponse,
  ExecSyncRequest: $root.runtime.v1.ExecSyncRequest,
  ExecSyncResponse: $root.runtime.v1.ExecSyncResponse,
  ExecRequest: $root.runtime.v1.ExecRequest,
  ExecResponse: $root.runtime.v1.ExecResponse,
  AttachRequest: $root.runtime.v1.AttachRequest,
  AttachResponse: $root.runtime.v1.AttachResponse,
  PortForwardRequest: $root.runtime.v1.PortForwardRequest,
  PortForwardResponse: $root.runtime.v1.PortForwardResponse,
  ImageFilter: $root.runtime.v1.ImageFilter,
  ListImagesRequest: $root.runtime.v1.ListImagesRequest,
  Image: $root.runtime.v1.Image,
  ListImagesResponse: $root.runtime.v1.ListImagesResponse,
  StreamImagesRequest: $root.runtime.v1.StreamImagesRequest,
  StreamImagesResponse: $root.runtime.v1.StreamImagesResponse,
  ImageStatusRequest: $root.runtime.v1.ImageStatusRequest,
  ImageStatusResponse: $root.runtime.v1.ImageStatusResponse,
  AuthConfig: $root.runtime.v1.AuthConfig,
  PullImageRequest: $root.runtime.v1.PullImageRequest,
  PullImageResponse: $root.runtime.v1.PullImageResponse,
  RemoveImageRequest: $root.runtime.v1.RemoveImageRequest,
  RemoveImageResponse: $root.runtime.v1.RemoveImageResponse,
  NetworkConfig: $root.runtime.v1.NetworkConfig,
  RuntimeConfig: $root.runtime.v1.RuntimeConfig,
  UpdateRuntimeConfigRequest: $root.runtime.v1.UpdateRuntimeConfigRequest,
  UpdateRuntimeConfigResponse: $root.runtime.v1.UpdateRuntimeConfigResponse,
  RuntimeCondition: $root.runtime.v1.RuntimeCondition,
  RuntimeStatus: $root.runtime.v1.RuntimeStatus,
  StatusRequest: $root.runtime.v1.StatusRequest,
  RuntimeHandlerFeatures: $root.runtime.v1.RuntimeHandlerFeatures,
  RuntimeHandler: $root.runtime.v1.RuntimeHandler,
  RuntimeFeatures: $root.runtime.v1.RuntimeFeatures,
  StatusResponse: $root.runtime.v1.StatusResponse,
  ImageFsInfoRequest: $root.runtime.v1.ImageFsInfoRequest,
  UInt64Value: $root.runtime.v1.UInt64Value,
  FilesystemIdentifier: $root.runtime.v1.FilesystemIdentifier,
  FilesystemUsage: $root.runtime.v1.FilesystemUsage,
  WindowsFilesystemUsage: $root.runtime.v1.WindowsFilesystemUsage,
  ImageFsInfoResponse: $root.runtime.v1.ImageFsInfoResponse,
  ContainerStatsRequest: $root.runtime.v1.ContainerStatsRequest,
  ContainerStatsResponse: $root.runtime.v1.ContainerStatsResponse,
  ListContainerStatsRequest: $root.runtime.v1.ListContainerStatsRequest,
  ContainerStatsFilter: $root.runtime.v1.ContainerStatsFilter,
  ListContainerStatsResponse: $root.runtime.v1.ListContainerStatsResponse,
  StreamContainerStatsRequest: $root.runtime.v1.StreamContainerStatsRequest,
  StreamContainerStatsResponse: $root.runtime.v1.StreamContainerStatsResponse,
  ContainerAttributes: $root.runtime.v1.ContainerAttributes,
  ContainerStats: $root.runtime.v1.ContainerStats,
  WindowsContainerStats: $root.runtime.v1.WindowsContainerStats,
  PsiStats: $root.runtime.v1.PsiStats,
  PsiData: $root.runtime.v1.PsiData,
  CpuUsage: $root.runtime.v1.CpuUsage,
  WindowsCpuUsage: $root.runtime.v1.WindowsCpuUsage,
  MemoryUsage: $root.runtime.v1.MemoryUsage,
  IoUsage: $root.runtime.v1.IoUsage,
  SwapUsage: $root.runtime.v1.SwapUsage,
  WindowsMemoryUsage: $root.runtime.v1.WindowsMemoryUsage,
  ReopenContainerLogRequest: $root.runtime.v1.ReopenContainerLogRequest,
  ReopenContainerLogResponse: $root.runtime.v1.ReopenContainerLogResponse,
  CheckpointContainerRequest: $root.runtime.v1.CheckpointContainerRequest,
  CheckpointContainerResponse: $root.runtime.v1.CheckpointContainerResponse,
  CheckpointPodRequest: $root.runtime.v1.CheckpointPodRequest,
  CheckpointPodResponse: $root.runtime.v1.CheckpointPodResponse,
  RestorePodRequest: $root.runtime.v1.RestorePodRequest,
  RestoredContainer: $root.runtime.v1.RestoredContainer,
  RestorePodResponse: $root.runtime.v1.RestorePodResponse,
  GetEventsRequest: $root.runtime.v1.GetEventsRequest,
  ContainerEventResponse: $root.runtime.v1.ContainerEventResponse,
  ListMetricDescriptorsRequest: $root.runtime.v1.ListMetricDescriptorsRequest,
  ListMetricDescriptorsResponse: $root.runtime.v1.ListMetricDescriptorsResponse,
  MetricDescriptor: $root.runtime.v1.MetricDescriptor,
  ListPodSandboxMetricsRequest: $root.runtime.v1.ListPodSandboxMetricsRequest,
  ListPodSandboxMetricsResponse: $root.runtime.v1.ListPodSandboxMetricsResponse,
  StreamPodSandboxMetricsRequest: $root.runtime.v1.StreamPodSandboxMetricsRequest,
  StreamPodSandboxMetricsResponse: $root.runtime.v1.StreamPodSandboxMetricsResponse,
  PodSandboxMetrics: $root.runtime.v1.PodSandboxMetrics,
  ContainerMetrics: $root.runtime.v1.ContainerMetrics,
  Metric: $root.runtime.v1.Metric,
  RuntimeConfigRequest: $root.runtime.v1.RuntimeConfigRequest,
  RuntimeConfigResponse: $root.runtime.v1.RuntimeConfigResponse,
  LinuxRuntimeConfiguration: $root.runtime.v1.LinuxRuntimeConfiguration,
  UpdatePodSandboxResourcesRequest: $root.runtime.v1.UpdatePodSandboxResourcesRequest,
  UpdatePodSandboxResourcesResponse: $root.runtime.v1.UpdatePodSandboxResourcesResponse,
};
export const services = {
  RuntimeService: {
  "version": {
    "path": "/runtime.v1.RuntimeService/Version",
    "request": "VersionRequest",
    "response": "VersionResponse",
    "requestStream": false,
    "responseStream": false
  },
  "runPodSandbox": {
    "path": "/runtime.v1.RuntimeService/RunPodSandbox",
    "request": "RunPodSandboxRequest",
    "response": "RunPodSandboxResponse",
    "requestStream": false,
    "responseStream": false
  },
  "stopPodSandbox": {
    "path": "/runtime.v1.RuntimeService/StopPodSandbox",
    "request": "StopPodSandboxRequest",
    "response": "StopPodSandboxResponse",
    "requestStream": false,
    "responseStream": false
  },
  "removePodSandbox": {
    "path": "/runtime.v1.RuntimeService/RemovePodSandbox",
    "request": "RemovePodSandboxRequest",
    "response": "RemovePodSandboxResponse",
    "requestStream": false,
    "responseStream": false
  },
  "podSandboxStatus": {
    "path": "/runtime.v1.RuntimeService/PodSandboxStatus",
    "request": "PodSandboxStatusRequest",
    "response": "PodSandboxStatusResponse",
    "requestStream": false,
    "responseStream": false
  },
  "listPodSandbox": {
    "path": "/runtime.v1.RuntimeService/ListPodSandbox",
    "request": "ListPodSandboxRequest",
    "response": "ListPodSandboxResponse",
    "requestStream": false,
    "responseStream": false
  },
  "streamPodSandboxes": {
    "path": "/runtime.v1.RuntimeService/StreamPodSandboxes",
    "request": "StreamPodSandboxesRequest",
    "response": "StreamPodSandboxesResponse",
    "requestStream": false,
    "responseStream": true
  },
  "createContainer": {
    "path": "/runtime.v1.RuntimeService/CreateContainer",
    "request": "CreateContainerRequest",
    "response": "CreateContainerResponse",
    "requestStream": false,
    "responseStream": false
  },
  "startContainer": {
    "path": "/runtime.v1.RuntimeService/StartContainer",
    "request": "StartContainerRequest",
    "response": "StartContainerResponse",
    "requestStream": false,
    "responseStream": false
  },
  "stopContainer": {
    "path": "/runtime.v1.RuntimeService/StopContainer",
    "request": "StopContainerRequest",
    "response": "StopContainerResponse",
    "requestStream": false,
    "responseStream": false
  },
  "removeContainer": {
    "path": "/runtime.v1.RuntimeService/RemoveContainer",
    "request": "RemoveContainerRequest",
    "response": "RemoveContainerResponse",
    "requestStream": false,
    "responseStream": false
  },
  "listContainers": {
    "path": "/runtime.v1.RuntimeService/ListContainers",
    "request": "ListContainersRequest",
    "response": "ListContainersResponse",
    "requestStream": false,
    "responseStream": false
  },
  "streamContainers": {
    "path": "/runtime.v1.RuntimeService/StreamContainers",
    "request": "StreamContainersRequest",
    "response": "StreamContainersResponse",
    "requestStream": false,
    "responseStream": true
  },
  "containerStatus": {
    "path": "/runtime.v1.RuntimeService/ContainerStatus",
    "request": "ContainerStatusRequest",
    "response": "ContainerStatusResponse",
    "requestStream": false,
    "responseStream": false
  },
  "updateContainerResources": {
    "path": "/runtime.v1.RuntimeService/UpdateContainerResources",
    "request": "UpdateContainerResourcesRequest",
    "response": "UpdateContainerResourcesResponse",
    "requestStream": false,
    "responseStream": false
  },
  "reopenContainerLog": {
    "path": "/runtime.v1.RuntimeService/ReopenContainerLog",
    "request": "ReopenContainerLogRequest",
    "response": "ReopenContainerLogResponse",
    "requestStream": false,
    "responseStream": false
  },
  "execSync": {
    "path": "/runtime.v1.RuntimeService/ExecSync",
    "request": "ExecSyncRequest",
    "response": "ExecSyncResponse",
    "requestStream": false,
    "responseStream": false
  },
  "exec": {
    "path": "/runtime.v1.RuntimeService/Exec",
    "request": "ExecRequest",
    "response": "ExecResponse",
    "requestStream": false,
    "responseStream": false
  },
  "attach": {
    "path": "/runtime.v1.RuntimeService/Attach",
    "request": "AttachRequest",
    "response": "AttachResponse",
    "requestStream": false,
    "responseStream": false
  },
  "portForward": {
    "path": "/runtime.v1.RuntimeService/PortForward",
    "request": "PortForwardRequest",
    "response": "PortForwardResponse",
    "requestStream": false,
    "responseStream": false
  },
  "containerStats": {
    "path": "/runtime.v1.RuntimeService/ContainerStats",
    "request": "ContainerStatsRequest",
    "response": "ContainerStatsResponse",
    "requestStream": false,
    "responseStream": false
  },
  "listContainerStats": {
    "path": "/runtime.v1.RuntimeService/ListContainerStats",
    "request": "ListContainerStatsRequest",
    "response": "ListContainerStatsResponse",
    "requestStream": false,
    "responseStream": false
  },
  "streamContainerStats": {
    "path": "/runtime.v1.RuntimeService/StreamContainerStats",
    "request": "StreamContainerStatsRequest",
    "response": "StreamContainerStatsResponse",
    "requestStream": false,
    "responseStream": true
  },
  "podSandboxStats": {
    "path": "/runtime.v1.RuntimeService/PodSandboxStats",
    "request": "PodSandboxStatsRequest",
    "response": "PodSandboxStatsResponse",
    "requestStream": false,
    "responseStream": false
  },
  "listPodSandboxStats": {
    "path": "/runtime.v1.RuntimeService/ListPodSandboxStats",
    "request": "ListPodSandboxStatsRequest",
    "response": "ListPodSandboxStatsResponse",
    "requestStream": false,
    "responseStream": false
  },
  "streamPodSandboxStats": {
    "path": "/runtime.v1.RuntimeService/StreamPodSandboxStats",
    "request": "StreamPodSandboxStatsRequest",
    "response": "StreamPodSandboxStatsResponse",
    "requestStream": false,
    "responseStream": true
  },
  "updateRuntimeConfig": {
    "path": "/runtime.v1.RuntimeService/UpdateRuntimeConfig",
    "request": "UpdateRuntimeConfigRequest",
    "response": "UpdateRuntimeConfigResponse",
    "requestStream": false,
    "responseStream": false
  },
  "status": {
    "path": "/runtime.v1.RuntimeService/Status",
    "request": "StatusRequest",
    "response": "StatusResponse",
    "requestStream": false,
    "responseStream": false
  },
  "checkpointContainer": {
    "path": "/runtime.v1.RuntimeService/CheckpointContainer",
    "request": "CheckpointContainerRequest",
    "response": "CheckpointContainerResponse",
    "requestStream": false,
    "responseStream": false
  },
  "checkpointPod": {
    "path": "/runtime.v1.RuntimeService/CheckpointPod",
    "request": "CheckpointPodRequest",
    "response": "CheckpointPodResponse",
    "requestStream": false,
    "responseStream": false
  },
  "restorePod": {
    "path": "/runtime.v1.RuntimeService/RestorePod",
    "request": "RestorePodRequest",
    "response": "RestorePodResponse",
    "requestStream": false,
    "responseStream": false
  },
  "getContainerEvents": {
    "path": "/runtime.v1.RuntimeService/GetContainerEvents",
    "request": "GetEventsRequest",
    "response": "ContainerEventResponse",
    "requestStream": false,
    "responseStream": true
  },
  "listMetricDescriptors": {
    "path": "/runtime.v1.RuntimeService/ListMetricDescriptors",
    "request": "ListMetricDescriptorsRequest",
    "response": "ListMetricDescriptorsResponse",
    "requestStream": false,
    "responseStream": false
  },
  "listPodSandboxMetrics": {
    "path": "/runtime.v1.RuntimeService/ListPodSandboxMetrics",
    "request": "ListPodSandboxMetricsRequest",
    "response": "ListPodSandboxMetricsResponse",
    "requestStream": false,
    "responseStream": false
  },
  "streamPodSandboxMetrics": {
    "path": "/runtime.v1.RuntimeService/StreamPodSandboxMetrics",
    "request": "StreamPodSandboxMetricsRequest",
    "response": "StreamPodSandboxMetricsResponse",
    "requestStream": false,
    "responseStream": true
  },
  "runtimeConfig": {
    "path": "/runtime.v1.RuntimeService/RuntimeConfig",
    "request": "RuntimeConfigRequest",
    "response": "RuntimeConfigResponse",
    "requestStream": false,
    "responseStream": false
  },
  "updatePodSandboxResources": {
    "path": "/runtime.v1.RuntimeService/UpdatePodSandboxResources",
    "request": "UpdatePodSandboxResourcesRequest",
    "response": "UpdatePodSandboxResourcesResponse",
    "requestStream": false,
    "responseStream": false
  }
},
  ImageService: {
  "listImages": {
    "path": "/runtime.v1.ImageService/ListImages",
    "request": "ListImagesRequest",
    "response": "ListImagesResponse",
    "requestStream": false,
    "responseStream": false
  },
  "streamImages": {
    "path": "/runtime.v1.ImageService/StreamImages",
    "request": "StreamImagesRequest",
    "response": "StreamImagesResponse",
    "requestStream": false,
    "responseStream": true
  },
  "imageStatus": {
    "path": "/runtime.v1.ImageService/ImageStatus",
    "request": "ImageStatusRequest",
    "response": "ImageStatusResponse",
    "requestStream": false,
    "responseStream": false
  },
  "pullImage": {
    "path": "/runtime.v1.ImageService/PullImage",
    "request": "PullImageRequest",
    "response": "PullImageResponse",
    "requestStream": false,
    "responseStream": false
  },
  "removeImage": {
    "path": "/runtime.v1.ImageService/RemoveImage",
    "request": "RemoveImageRequest",
    "response": "RemoveImageResponse",
    "requestStream": false,
    "responseStream": false
  },
  "imageFsInfo": {
    "path": "/runtime.v1.ImageService/ImageFsInfo",
    "request": "ImageFsInfoRequest",
    "response": "ImageFsInfoResponse",
    "requestStream": false,
    "responseStream": false
  }
},
};
