#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "engine/cel/program.hpp"

namespace assay::cel {

namespace {
constexpr std::size_t largest_block = 4u << 20;
}  // namespace

Scratch::Scratch(std::size_t limit_bytes, std::size_t first_block_bytes) : limit_(limit_bytes), first_block_(first_block_bytes) {}
Scratch::~Scratch() {
  for (const Block& block : blocks_) std::free(block.data);
}

void* Scratch::allocate(std::size_t size, std::size_t alignment) {
  if (size > limit_ || total_ + size > limit_) return nullptr;
  for (;; ++current_) {
    if (current_ < blocks_.size()) {
      Block& block = blocks_[current_];
      const std::size_t begin = (block.used + alignment - 1) & ~(alignment - 1);
      if (begin + size <= block.size) {
        total_ += begin + size - block.used;
        block.used = begin + size;
        return block.data + begin;
      }
      if (current_ + 1 < blocks_.size()) continue;
    }
    const std::size_t grown = blocks_.empty() ? first_block_ : std::min(blocks_.back().size * 2, largest_block);
    const std::size_t wanted = std::max(grown, size + alignment);
    char* const data = static_cast<char*>(std::malloc(wanted));
    if (!data) return nullptr;
    blocks_.push_back({data, wanted, 0});
    current_ = blocks_.size() - 2;  // the loop steps on to the new block
  }
}

std::string_view Scratch::copy(std::string_view text) {
  char* const data = static_cast<char*>(allocate(std::max<std::size_t>(text.size(), 1), 1));
  if (!data) return {};
  if (!text.empty()) std::memcpy(data, text.data(), text.size());
  return {data, text.size()};
}

Scratch::Mark Scratch::mark() const { return {current_, current_ < blocks_.size() ? blocks_[current_].used : 0}; }

void Scratch::release(Mark mark) {
  total_ = 0;
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    if (i > mark.block) blocks_[i].used = 0;
    else if (i == mark.block) blocks_[i].used = std::min(blocks_[i].used, mark.used);
    total_ += blocks_[i].used;
  }
  current_ = mark.block;
}

}  // namespace assay::cel
