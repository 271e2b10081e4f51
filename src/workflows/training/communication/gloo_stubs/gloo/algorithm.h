#pragma once
#include <gloo/context.h>  // everything is there
